import { mkdir, readFile, writeFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { makeSample } from '../../../tools/sample/make-sample.js'
import { ADMIN, startApp } from '../../helpers/app.js'
import { createFolder } from '../../helpers/folder.js'
import { TestProcess } from '../../helpers/process.js'
import { isDeep } from '../../helpers/runs.js'

const root = process.cwd()
const client = `${root}/clients/typescript`
const tsc = [process.execPath, `${root}/node_modules/typescript/bin/tsc`]

async function run(t: Test, command: string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await new TestProcess(t, command, {}, { cwd }).finished
  if (code !== 0) throw new Error(`${command.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

/** Creates a project with the package installed from the tarball of `npm pack`. */
async function install(t: Test): Promise<{ folder: string; files: string[]; size: number }> {
  const folder = createFolder(t)
  const packed = await run(t, ['npm', 'pack', '--json', '--pack-destination', folder], client)
  const [{ filename, files, size }] = JSON.parse(packed.slice(packed.indexOf('[')))
  const target = `${folder}/node_modules/product-catalog-client`
  await mkdir(target, { recursive: true })
  await run(t, ['tar', '-xzf', `${folder}/${filename}`, '--strip-components=1', '-C', target], folder)
  await writeFile(`${folder}/package.json`, '{ "type": "module" }')
  return { folder, files: files.map(({ path }: { path: string }) => path), size }
}

/** Returns the TypeScript blocks of a text, adapted to the service under test. */
const snippets = (markdown: string, url: string) =>
  [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) =>
    String(code).replaceAll('http://localhost:5000', url).replaceAll('PASSWORD', ADMIN.password)
  )

const app = await startApp(t, { products: makeSample() })
const { folder, files, size } = await install(t)
const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--module', 'nodenext']
const check = [...tsc, ...strict, '--target', 'es2022', '--skipDefaultLibCheck']
const inNode = ['--lib', 'es2022', '--typeRoots', `${root}/node_modules/@types`, '--types', 'node']
const inBrowsers = ['--lib', 'es2022,dom']

t.test('the package contains the necessary files and is small', async (t) => {
  for (const file of ['README.md', 'LICENSE', 'package.json', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts']) {
    t.ok(files.includes(file), file)
  }
  t.strictSame(
    files.filter((file) => !/^(dist|src)\/|^(README\.md|LICENSE|package\.json)$/.test(file)),
    []
  )
  t.ok(size < 60_000, `${size} bytes`)
  const { dependencies, scripts, version } = JSON.parse(await readFile(`${client}/package.json`, 'utf8'))
  t.equal(dependencies, undefined)
  t.strictSame(Object.keys(scripts), ['prepack'], 'no install scripts')
  t.equal(version, JSON.parse(await readFile(`${root}/package.json`, 'utf8')).version)
})

t.test('the types contain no `any`, and the code runs in Node.js and browsers', async (t) => {
  const withoutComments = async (file: string) =>
    (await readFile(`${client}/${file}`, 'utf8')).replaceAll(/\/\*.*?\*\//gs, '')
  for (const file of files.filter((file) => file.endsWith('.d.ts'))) {
    t.notMatch(await withoutComments(file), /\bany\b/, file)
  }
  for (const file of files.filter((file) => file.endsWith('.js'))) {
    t.notMatch(await withoutComments(file), /from '(?!\.)|\b(process|Buffer|require)\b[.(]/, file)
  }
  await writeFile(
    `${folder}/types.ts`,
    `import { ProblemError, ProductCatalog } from 'product-catalog-client'
const catalog = new ProductCatalog({ url: 'https://catalog.example', token: 'a' })
const title: string = (await catalog.getProduct({ id: 1 })).title
// @ts-expect-error: there is no such parameter
await catalog.listProducts({ colour: 'red' })
// @ts-expect-error: ifMatch is missing
await catalog.updateProduct({ id: 1, body: { price: 1 } })
// @ts-expect-error: the password is missing
new ProductCatalog({ url: 'https://catalog.example', username: 'admin' })
export const isMissing = (error: unknown) => error instanceof ProblemError && error.problem === 'product-not-found'
export default title
`
  )
  await run(t, [...check, ...inBrowsers, '--noEmit', 'types.ts'], folder)
})

t.test('the examples of the README and of the guide compile and run', { skip: !isDeep }, async (t) => {
  const [example, ...others] = snippets(await readFile(`${root}/docs/clients/typescript.md`, 'utf8'), app.url)
  t.strictSame(others, [])
  await writeFile(`${folder}/example.ts`, String(example))
  const own = snippets(await readFile(`${client}/README.md`, 'utf8'), app.url)
  t.equal(own.length, 5)
  // The loop over the changes would never end.
  const program = own.join('\n').replace(/^(for await \(.*catalog\.changes.*\{$.*?)^\}$/ms, '$1  break\n}')
  t.match(program, /^ {2}break$/m)
  await writeFile(`${folder}/own.ts`, program)

  await run(t, [...check, ...inNode, 'example.ts', 'own.ts', 'types.ts'], folder)
  t.match(await run(t, [process.execPath, 'example.js'], folder), /^(.+ \d+(\.\d+)?\n)+$/)

  // Gives the loop over the changes something to read.
  let price = 1
  const headers = { 'if-match': '*' }
  const change = () => app.request('/products/200', { method: 'PATCH', json: { price: price++ }, headers })
  const timer = setInterval(change, 500)
  const output = await run(t, [process.execPath, 'own.js'], folder)
  clearInterval(timer)
  t.match(output, '404 There is no product 4711.')
})
