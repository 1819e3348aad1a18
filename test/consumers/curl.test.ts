import { spawnSync } from 'node:child_process'
import t from 'tap'
import { createFolder } from '../helpers/folder.js'
import { snippets } from './helpers/guides.js'
import { report } from './helpers/report.js'
import { PASSWORD, startService } from './helpers/service.js'

t.test('the curl requests of the guide get the responses that it describes', async (t) => {
  const { url } = await startService(t)
  const [byHeader, byCookie] = ['Bearer token', 'Cookie'].map((heading) =>
    snippets('clients/curl', 'sh', url, heading)[0].replaceAll('PASSWORD', PASSWORD)
  )

  const header = spawnSync('bash', ['-euc', byHeader as string], { encoding: 'utf8' })
  const [page, product, categories] = header.stdout.replaceAll('}{', '}\n{').split('\n')
  t.match(JSON.parse(page as string), { products: [{ id: 1 }, { id: 2 }] })
  t.match(JSON.parse(product as string), { id: 1, reviews: Array })
  t.match(JSON.parse(categories as string), { categories: [{ slug: 'audio' }] })

  const cookie = spawnSync('bash', ['-euc', byCookie as string], { encoding: 'utf8', cwd: createFolder(t) })
  t.match(cookie.stdout, '"products":[{"id":1,')

  const [version] = spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout.match(/\d[\d.]+/) ?? ['']
  report('curl', version, 4, t.counts.fail)
})
