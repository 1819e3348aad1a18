import t from 'tap'
import { startApp } from '../helpers/app.js'
import { command, TestProcess } from '../helpers/process.js'
import { sourceProduct } from '../helpers/products.js'

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

  for (const args of [['now'], ['--accept'], ['--status', '--accept-loss']]) {
    t.match(await sync(...args), { code: 1, stdout: '', stderr: /\n\nUsage: catalog sync/ })
  }
})
