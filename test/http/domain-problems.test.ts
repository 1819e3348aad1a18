import { readdir, readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { DuplicateSkuError, VersionMismatchError } from '../../src/editing/errors.js'
import { toDomainProblem } from '../../src/http/domain-problems.js'

const SUBCLASS = /class (\w+) extends DomainError\b/g

/** Finds the domain errors in the source code and returns pairs of file path and class name. */
async function findDomainErrors(): Promise<[path: string, name: string][]> {
  const paths = (await readdir('src', { recursive: true })).filter((path) => path.endsWith('.ts'))
  const found = await Promise.all(
    paths.map(async (path) => {
      const source = await readFile(`src/${path}`, 'utf8')
      return [...source.matchAll(SUBCLASS)].map(([, name]): [string, string] => [path, String(name)])
    })
  )
  return found.flat()
}

t.test('every domain error maps to a problem', async (t) => {
  const errors = await findDomainErrors()
  t.ok(errors.length >= 12)
  for (const [path, name] of errors) {
    const module = await import(pathToFileURL(`dist/src/${path.replace(/ts$/, 'js')}`).href)
    t.type(module[name], 'function', `${path} exports ${name}`)
    t.ok(toDomainProblem(Object.assign(Object.create(module[name].prototype), { pointer: '' })), `${name} is mapped`)
  }
})

t.test('other errors map to no domain problem', async (t) => {
  t.equal(toDomainProblem(new Error('out of memory')), undefined)
})

t.test('a problem carries the values of its error', async (t) => {
  t.match(toDomainProblem(new DuplicateSkuError('MUG-1', 7, 'editor')), {
    problem: 'duplicate-sku',
    message: '`sku` is already the SKU of product 7.',
    extras: { errors: [{ in: 'body', pointer: '/sku' }] }
  })
  t.match(toDomainProblem(new DuplicateSkuError('MUG-1', 7, 'source')), {
    problem: 'duplicate-sku',
    message: 'The source gives this product the SKU MUG-1, which product 7 has now.',
    extras: { errors: undefined }
  })
  t.match(toDomainProblem(new VersionMismatchError(7, 'x.5', 'ifMatch')), {
    problem: 'precondition-failed',
    extras: { headers: { etag: '"x.5"' } }
  })
})
