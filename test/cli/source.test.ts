import t from 'tap'
import { ListServer, numberedPages } from '../helpers/list-server.js'
import { mappingWith, simpleRecords, writeMapping } from '../helpers/mappings.js'
import { command, TestProcess } from '../helpers/process.js'
import { sourceProduct } from '../helpers/products.js'
import { fixtureProducts, ShopifyShop } from '../helpers/shopify-shop.js'
import { TestSource } from '../helpers/source.js'

t.test('the shell command checks a source without a database', async (t) => {
  const check = (env: Record<string, string>, ...args: string[]) =>
    new TestProcess(t, command('src/cli/catalog.js', 'source', ...args), {
      DATABASE_URL: 'postgres://none:1/x',
      ...env
    }).finished
  const source = new TestSource([sourceProduct(1), sourceProduct(2, { stock: -3, brand: '' }), { id: 3, title: 'x' }])
  await source.listen()
  t.teardown(() => source.close())
  const checked = await check({ SOURCE_URL: source.url }, 'check')
  t.match(checked, { code: 0, stderr: '' })
  for (const line of [
    'Kind: dummyjson',
    'Products: 2',
    'Complete: yes',
    'Currency: USD (2)',
    '  brand: 1',
    '  repaired, 1 times, such as in product 2: /stock must be at least 0 (got -3)',
    'Products in quarantine: 1',
    '  3: /price is missing',
    '  "title": "Product 1",'
  ])
    t.ok(checked.stdout.split('\n').includes(line), `${line} in ${checked.stdout}`)

  const shop = await ShopifyShop.start(t, fixtureProducts)
  t.match(await check({ SOURCE_URL: 'none' }, 'check', shop.url), { code: 0, stdout: /^Kind: shopify\nProducts: 2\n/ })
  shop.answer = (_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"errors":"25000"}')
  t.match(await check({}, 'check', shop.url), { code: 0, stdout: /\nComplete: no, 25000\n/ })
  shop.answer = (_, response) => response.writeHead(401).end()
  t.match(await check({}, 'check', shop.url), {
    code: 1,
    stdout: '',
    stderr: 'The source cannot be read: http-401. Check SOURCE_AUTH\n'
  })

  const list = await ListServer.start(t, simpleRecords(3), numberedPages)
  const paging = {
    type: 'page',
    parameter: 'searchCriteria[currentPage]',
    sizeParameter: 'searchCriteria[pageSize]',
    size: 2
  }
  const SOURCE_MAPPING = writeMapping(t, mappingWith({}, { records: '/items', paging }))
  t.match(
    await check({ SOURCE_KIND: 'json', SOURCE_MAPPING }, 'check', list.url),
    { code: 0, stdout: /^Kind: json\nProducts: 3\nComplete: yes\n/ },
    'a source that repeats its last page'
  )
  const wrong = writeMapping(t, mappingWith({ externalId: '/none' }, { records: '/items', paging }))
  t.match(
    await check({ SOURCE_KIND: 'json', SOURCE_MAPPING: wrong }, 'check', list.url),
    { code: 0, stdout: /^Kind: json\nProducts: 0\nComplete: yes\n.*\nProducts in quarantine: 3\n/s },
    'also if no record has an id'
  )

  for (const args of [[], ['read'], ['check', shop.url, 'x']])
    t.match(await check({}, ...args), { code: 1, stderr: /\n\nUsage: catalog source check/ })
  t.match(await check({ SOURCE_URL: 'none' }, 'check'), { code: 1, stderr: /Give the URL/ })
})
