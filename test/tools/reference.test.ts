import { mkdir, readFile } from 'node:fs/promises'
import t from 'tap'
import { ProductQuery } from '../../schemas/listing.js'
import { renderReference } from '../../tools/render-reference.js'
import { createFolder } from '../helpers/folder.js'
import { command, TestProcess } from '../helpers/process.js'

const pages = Object.entries(renderReference())

t.test('the committed pages of the reference match the code', async (t) => {
  for (const [path, page] of pages) t.equal(await readFile(path, 'utf8'), page, `${path}: run \`npm run reference\``)
})

t.test('npm run reference writes them', async (t) => {
  const folder = createFolder(t)
  await mkdir(`${folder}/docs/reference`, { recursive: true })

  t.match(await new TestProcess(t, command('tools/reference.js'), {}, { cwd: folder }).finished, { code: 0 })

  for (const [path, page] of pages) t.equal(await readFile(`${folder}/${path}`, 'utf8'), page, path)
})

t.test('the reference of query parameters names each parameter', async (t) => {
  const page = await readFile('docs/reference/query-parameters.md', 'utf8')
  for (const name of Object.keys(ProductQuery.properties)) t.match(page, `\`${name}\``, name)
})
