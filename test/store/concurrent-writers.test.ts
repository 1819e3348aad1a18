import { setTimeout as sleep } from 'node:timers/promises'
import { startApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { mascara, palette } from '../helpers/products.js'

onOneEngine('during a long write, other writes fail after a while, and reads do not wait', async (t, engine) => {
  const app = await startApp(t, { products: [mascara, palette] })
  await app.token()
  let end = (): void => {}
  const until = new Promise<void>((resolve) => {
    end = resolve
  })
  let longWrite: Promise<void> | undefined
  await new Promise<void>((begun) => {
    longWrite = app.app.services.products.write({ by: 'source' }, () => {
      begun()
      return until
    })
  })
  const edit = () => app.request('/products/1', { method: 'PATCH', json: { stock: 3 }, headers: { 'if-match': '*' } })
  const edits = Array.from({ length: 20 }, edit)
  const signingIn = app.signIn()
  const responses: Awaited<ReturnType<typeof edit>>[] = []
  for (const one of edits) one.then((response) => responses.push(response))
  await sleep(500)

  for (const path of ['/products/1', '/products?q=mascara', '/changes', '/readyz']) {
    t.equal((await app.request(path)).status, 200, path)
  }
  const { status } = await signingIn
  t.equal(status, engine === 'SQLite' ? 503 : 200, 'SQLite has a single writer')
  // On PostgreSQL one write waits in the database.
  const rejectedCount = engine === 'SQLite' ? 20 : 19
  while (responses.length < rejectedCount) await sleep(50)
  for (const { status, body, headers } of responses) {
    t.match({ status, body }, { status: 503, body: { type: /database-busy$/ } })
    t.ok(Number(headers.get('retry-after')) > 0)
  }

  end()
  await longWrite
  await Promise.all(edits)
  t.equal((await edit()).status, 200)
  t.equal((await app.signIn()).status, 200)
})
