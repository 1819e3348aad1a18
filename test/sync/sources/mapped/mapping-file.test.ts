import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { readMapping } from '../../../../src/sync/sources/mapped/mapping-file.js'
import { mappingWith, simpleMapping, writeMapping } from '../../../helpers/mappings.js'
import { command, TestProcess } from '../../../helpers/process.js'

t.test('the examples in the documentation are valid', async (t) => {
  const examples = readdirSync('docs/how-to/sources')
  t.ok(examples.length > 1)
  for (const name of examples) t.ok(readMapping(`docs/how-to/sources/${name}`).fields.title, name)
})

t.test('the mappings and the pagings on the page of the documentation are valid', async (t) => {
  const page = readFileSync('docs/how-to/map-a-source.md', 'utf8')
  const blocks = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(text as string) as object)
  const mappings = blocks.flatMap((block) =>
    'fields' in block ? [block] : 'type' in block ? [mappingWith({}, { paging: block })] : []
  )
  t.equal(mappings.length, blocks.length - 1, 'all but the record')
  for (const mapping of mappings) t.ok(readMapping(writeMapping(t, mapping)))
})

t.test('a byte order mark and the address of the schema are ignored', async (t) => {
  const mapping = { $schema: 'https://shop.example/schema.json', ...simpleMapping }
  t.strictSame(readMapping(writeMapping(t, `\uFEFF${JSON.stringify(mapping)}`)), mapping)
})

t.test('all mistakes are reported, each with its pointer, the value and what to do', async (t) => {
  for (const [mapping, ...expected] of [
    [
      { records: 'items', pagin: {}, ...simpleMapping },
      '/pagin is unknown: correct its name or leave it out',
      '/records must be a JSON Pointer, such as /title. In names, write ~1 for / and ~0 for ~ (got "items")'
    ],
    [{}, '/fields is missing'],
    [[], 'the file must be an object (got an array)'],
    [{ fields: null }, '/fields must be an object (got null)'],
    [
      { fields: { titel: '/t' } },
      '/fields/externalId is missing',
      '/fields/title is missing',
      '/fields/titel is unknown: correct its name or leave it out',
      '/fields/price is missing: add it, or /variants/fields/price'
    ],
    [mappingWith({ sku: 5 }), '/fields/sku must be a string or an object (got 5)'],
    [mappingWith({ title: '' }), /^\/fields\/title must be a JSON Pointer.* \(got ""\)$/],
    [
      mappingWith({ attributes: { 'a/b': { pointr: '/x' } } }),
      '/fields/attributes/a~1b/pointr is unknown: correct its name or leave it out',
      '/fields/attributes/a~1b must have exactly one of pointer, pointers, value, jsonata (got none)'
    ],
    [
      mappingWith({ price: { pointer: '/p', value: 4, jsonata: 'x' }, title: { pointer: '/t', minorUnits: true } }),
      '/fields/title/minorUnits is unknown: correct its name or leave it out',
      '/fields/price must have exactly one of pointer, pointers, value, jsonata (got pointer and value and jsonata)'
    ],
    [
      mappingWith({ sku: { jsonata: 'a.(b' }, stock: { jsonata: 5 }, tags: { pointers: [] } }),
      '/fields/stock/jsonata must be a string (got 5)',
      '/fields/tags/pointers must not be empty (got an array)',
      '/fields/sku/jsonata is not valid JSONata: Expected ")" before end of expression, at character 4 (got "a.(b")'
    ],
    [
      { paging: { type: 'pages' }, ...simpleMapping },
      '/paging/type must be one of none, page, offset, link, next (got "pages")'
    ],
    [
      { paging: { size: 5 }, ...simpleMapping },
      '/paging/type is missing: it must be one of none, page, offset, link, next',
      '/paging/sizeParameter is missing: size and sizeParameter belong together'
    ],
    [
      mappingWith({ attributes: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`a${i}`, '/a'])) }),
      '/fields/attributes must have at most 50 names (got an object)'
    ],
    [{ paging: { type: 'next' }, ...simpleMapping }, '/paging/next is missing'],
    [
      { paging: { type: 'none', parameter: 'page', sizeParameter: 'limit' }, ...simpleMapping },
      '/paging/parameter is unknown: correct its name or leave it out',
      '/paging/sizeParameter is unknown: correct its name or leave it out',
      '/paging/size is missing: size and sizeParameter belong together'
    ],
    [
      { ...simpleMapping, variants: { records: '/v', options: {}, fields: { price: { pointer: '/p', html: true } } } },
      '/variants/options must not be empty (got an object)',
      '/variants/fields/price/html is unknown: correct its name or leave it out'
    ]
  ] as const) {
    const path = writeMapping(t, mapping)
    const { message } = catchError(() => readMapping(path))
    const [first, ...lines] = message.split('\n  ')
    t.equal(first, `SOURCE_MAPPING (${path}) is not valid:`)
    t.match(lines.sort(), [...expected].sort(), JSON.stringify(mapping))
    t.equal(lines.length, expected.length, message)
  }
})

t.test('a file that is missing, too large or not JSON is an error', async (t) => {
  t.throws(() => readMapping('/none/mapping.json'), { message: /^SOURCE_MAPPING \(\/none.* cannot be read: ENOENT/ })
  t.throws(() => readMapping(writeMapping(t, '{"fields"')), { message: / is not JSON: .*position/ })
  t.throws(() => readMapping(writeMapping(t, ' '.repeat(1_000_001))), { message: / at most 1000000 characters/ })
})

t.test('the service and catalog sync print the mistakes without a stack trace', async (t) => {
  const SOURCE_MAPPING = writeMapping(t, { fields: { externalId: '/id', title: '/title' } })
  const environment = { SOURCE_URL: 'http://127.0.0.1:1', SOURCE_KIND: 'json', SOURCE_MAPPING }
  for (const [program, ...args] of [['src/server.js'], ['src/cli/catalog.js', 'sync']] as [string, ...string[]][]) {
    const { code, stderr } = await new TestProcess(t, command(program, ...args), environment).finished
    t.equal(code, 1)
    t.equal(
      stderr,
      `SOURCE_MAPPING (${SOURCE_MAPPING}) is not valid:\n  /fields/price is missing: add it, or /variants/fields/price\n`
    )
  }
})

function catchError(action: () => unknown): Error {
  try {
    action()
  } catch (error) {
    return error as Error
  }
  throw new Error('no error was thrown')
}
