import t from 'tap'
import { openDatabase } from '../../src/store/open-database.js'
import { startApp } from '../helpers/app.js'
import { command, TestProcess } from '../helpers/process.js'
import { sourceProduct } from '../helpers/products.js'
import { TestSource } from '../helpers/source.js'

t.test('the shell command syncs the catalog and accepts a loss while the service runs', async (t) => {
  const products = Array.from({ length: 20 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products })
  const env = { DATABASE_URL: app.config.databaseUrl, SOURCE_URL: app.config.sourceUrl }
  const sync = (...args: string[]) => new TestProcess(t, command('src/cli/catalog.js', 'sync', ...args), env).finished

  app.source.products = [...products, sourceProduct(21), 'nonsense']
  t.match(await sync(), { code: 0, stdout: 'In sync: 1 created, 0 updated, 0 deleted; 1 in quarantine.\n', stderr: '' })
  t.equal((await app.request('/products/21')).status, 200)

  app.source.products = products.slice(0, 2)
  t.match(await sync(), {
    code: 1,
    stdout: '',
    stderr:
      'sync failed: 19 of 21 products would disappear, more than SYNC_MAX_LOSS (30%) allows. ' +
      'If the source has really become smaller, accept the loss.\n'
  })
  t.match(await sync('--accept-loss'), { code: 0, stdout: /19 deleted/ })
  t.equal((await app.request('/products')).body.total, 2)

  app.source.products = [{ ...products[0], stock: 77 }, products[2]]
  t.match(await sync('--dry-run'), {
    code: 0,
    stdout:
      'A sync would create 1, update 1 and delete 1 products; 0 are in quarantine.\n  created 3\n  updated 1: stock\n  deleted 2\n',
    stderr: ''
  })
  t.equal((await app.request('/products/2')).status, 200)

  for (const args of [['now'], ['--accept'], ['--status', '--accept-loss'], ['--status', '--dry-run']]) {
    t.match(await sync(...args), { code: 1, stdout: '', stderr: /\n\nUsage: catalog sync/ })
  }
})

t.test(
  'a dry run with another source shows the replacement of all products, and fails as the sync would',
  async (t) => {
    const app = await startApp(t, { products: [sourceProduct(1), sourceProduct(2)] })
    const other = new TestSource([sourceProduct(1)])
    await other.listen()
    t.teardown(() => other.close())
    const env = { DATABASE_URL: app.config.databaseUrl, SOURCE_URL: other.url }
    const tryRun = () => new TestProcess(t, command('src/cli/catalog.js', 'sync', '--dry-run'), env).finished

    t.match(await tryRun(), {
      code: 0,
      stdout:
        'A sync would create 1, update 0 and delete 2 products; 0 are in quarantine.\n  created 1000000000 (1)\n  deleted 1\n  deleted 2\n'
    })
    t.equal((await app.request('/products')).body.total, 2)
    const database = openDatabase(app.config.databaseUrl)
    t.teardown(() => database.close())
    const sources = await database.read.selectFrom('source').select('name').execute()
    t.notOk(
      sources.some(({ name }) => name.startsWith(other.url)),
      'the source is not stored'
    )

    other.products = [{ id: 1, title: 'No price' }]
    t.match(await tryRun(), {
      code: 1,
      stdout: /create 0, update 0 and delete 0/,
      stderr: /all 1 products are in quarantine/
    })
    other.answer = (_request, response) => response.writeHead(404).end()
    t.match(await tryRun(), { code: 1, stdout: '', stderr: /http-404/ })
  }
)
