import t from 'tap'
import { ADMIN, startApp, type TestApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { mug } from '../helpers/local-products.js'
import { LEVELS, Log, type LogLine } from '../helpers/log.js'
import { mascara, palette } from '../helpers/products.js'

/** Returns the lines at level `info` or higher, without common fields and values that vary. */
function linesOf(log: Log): object[] {
  return log.lines
    .filter(({ level }) => level >= LEVELS.info)
    .map(({ level, time, pid, hostname, reqId, ...line }: LogLine) => ({
      ...line,
      ...(level > LEVELS.info && { level })
    }))
}

/** Sends a request and returns its log lines, all of which must carry its id. */
async function logOf(app: TestApp, ...[path, options]: Parameters<TestApp['request']>): Promise<object[]> {
  await app.token()
  const log = new Log(app)
  const { headers } = await app.request(path, options)
  const id = headers.get('x-request-id')
  const others = log.lines.filter(({ level, reqId }) => level >= LEVELS.info && reqId !== id)
  if (others.length > 0) throw new Error(`lines without the id of the request: ${JSON.stringify(others)}`)
  return linesOf(log)
}

const write = (method: string, json?: unknown) => ({
  method,
  headers: { 'if-match': '*' },
  ...(json !== undefined && { json })
})

onOneEngine('each change of a product is one line with its account, fields and revision', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const { revision } = (await app.request('/')).body.catalog
  const id = 1_000_000_000
  let expected = revision

  for (const [path, options, line] of [
    ['/products', { method: 'POST', json: mug }, { id, fields: [], msg: 'product created' }],
    [
      `/products/${id}`,
      write('PATCH', { price: 9, title: 'A secret title' }),
      { id, fields: ['title', 'price', 'updatedAt'], msg: 'product edited' }
    ],
    [
      '/products/1',
      write('PATCH', { stock: 0 }),
      { id: 1, fields: ['stock', 'availability', 'edited'], msg: 'product edited' }
    ],
    [
      '/products/1/edits',
      write('DELETE'),
      { id: 1, fields: ['stock', 'availability', 'edited'], msg: 'product reverted' }
    ],
    [`/products/${id}`, write('DELETE'), { id, fields: [], msg: 'product deleted' }],
    ['/products/1', write('DELETE'), { id: 1, fields: [], msg: 'product hidden' }],
    ['/products/1/edits', write('DELETE'), { id: 1, fields: [], msg: 'product reverted' }]
  ] as const) {
    expected++
    t.strictSame(await logOf(app, path, options), [{ account: 'admin', ...line, revision: expected }])
  }
  t.equal((await app.request('/')).body.catalog.revision, expected)
})

onOneEngine('each change of a category is one line with its account, fields and revision', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const common = { account: 'admin', slug: 'beauty' }
  const edit = { method: 'PUT', json: { name: 'A secret name', position: 1 } }
  t.strictSame(await logOf(app, '/categories/beauty', edit), [
    { ...common, fields: ['name', 'position'], revision: 3, msg: 'category edited' }
  ])
  t.strictSame(await logOf(app, '/categories/beauty', edit), [], 'nothing has changed')
  const revert = { method: 'DELETE' }
  t.strictSame(await logOf(app, '/categories/beauty/edits', revert), [
    { ...common, revision: 4, msg: 'category reverted' }
  ])
  t.strictSame(await logOf(app, '/categories/beauty/edits', revert), [])
})

onOneEngine('a write that changes nothing logs nothing, and a rejected write logs no change', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const idempotent = { method: 'POST', json: mug, headers: { 'idempotency-key': 'once' } }
  await app.request('/products', idempotent)

  t.strictSame(await logOf(app, '/products', idempotent), [], 'an idempotent repetition')
  const { title } = (await app.request('/products/1')).body
  t.strictSame(await logOf(app, '/products/1', write('PATCH', { title })), [])
  t.strictSame(await logOf(app, '/products/1/edits', write('DELETE')), [])

  const stale = { ...write('PATCH', { price: 1 }), headers: { 'if-match': '"x"' } }
  t.match(await logOf(app, '/products/1', stale), [
    { problem: 'precondition-failed', account: 'admin', msg: 'request refused' }
  ])
})

t.test('an import is one line with its counts, which tells a dry run from a finished import', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const send = (query: string, ...rows: object[]) =>
    logOf(app, `/products/import?${query}`, {
      method: 'POST',
      body: rows.map((row) => JSON.stringify(row)).join('\n'),
      headers: { 'content-type': 'application/x-ndjson' }
    })
  const good = [mug, { id: 1, price: 5 }, { id: 2 }]
  const bad = { id: 1, price: 'much' }
  const counts = { account: 'admin', rows: 3, created: 1, updated: 1, unchanged: 1, refused: 0 }

  t.strictSame(await send('dryRun=true', ...good), [
    { ...counts, mode: 'all-or-nothing', dryRun: true, msg: 'import tried, nothing written' }
  ])
  t.strictSame(await send('', ...good), [{ ...counts, mode: 'all-or-nothing', dryRun: false, msg: 'import finished' }])
  t.match(await send('', bad), [
    { account: 'admin', problem: 'import-refused', detail: /^1 of 1 rows are invalid/, msg: 'request refused' }
  ])
  t.match(await send('mode=each', { id: 1, price: 6 }, bad), [
    { rows: 2, updated: 1, refused: 1, mode: 'each', msg: 'import finished' }
  ])
})

t.test('a sync that an account requests is one line', async (t) => {
  const app = await startApp(t, { products: [mascara] })

  t.match(await logOf(app, '/sync', { method: 'POST', json: { acceptLoss: true } }), [
    { account: 'admin', acceptLoss: true, msg: 'sync requested' }
  ])
})

onOneEngine('sign-ins, failures, locks and sign-outs are logged without passwords and tokens', async (t) => {
  const app = await startApp(t)
  await app.token()
  const signIn = (credentials: object) => logOf(app, '/auth', { method: 'POST', json: credentials, token: null })
  const log = new Log(app)
  const token = (await app.signIn()).body.token

  t.strictSame(linesOf(log), [{ account: 'admin', ip: '127.0.0.1', msg: 'signed in' }])
  t.strictSame(await logOf(app, '/auth', { method: 'DELETE', token }), [{ account: 'admin', msg: 'signed out' }])
  for (const username of ['admin', 'nobody']) {
    const failed = { username, ip: '127.0.0.1', problem: 'wrong-credentials', msg: 'sign-in failed' }
    for (let i = 0; i < (username === 'admin' ? 5 : 1); i++) {
      t.strictSame(await signIn({ username, password: 'hunter2' }), [failed])
    }
  }
  t.match(await signIn(ADMIN), [{ username: 'admin', problem: 'too-many-attempts', msg: 'sign-in failed' }])
  const all = JSON.stringify(log.lines)
  for (const secret of [ADMIN.password, 'hunter2', token]) t.notMatch(all, secret)
})

t.test('the username of a failed sign-in is truncated, and its control characters are escaped', async (t) => {
  const app = await startApp(t)
  const usernameOf = async (username: unknown, others = {}) => {
    const json = { username, password: 'hunter2', ...others }
    const [line, ...more] = await logOf(app, '/auth', { method: 'POST', json, token: null })
    t.strictSame(more, [])
    t.notMatch(JSON.stringify(line ?? ''), 'hunter2')
    return line && (line as { username: string }).username
  }

  t.equal(await usernameOf('x'.repeat(1000)), 'x'.repeat(100))
  t.equal(
    await usernameOf('a\n{"level":30}\r\x1b[2J\u009b1m\u2028\u202e'),
    String.raw`a\u{a}{"level":30}\u{d}\u{1b}[2J\u{9b}1m\u{2028}\u{202e}`
  )
  t.equal(await usernameOf(`${'x'.repeat(99)}🎉`), String.raw`${'x'.repeat(99)}\u{d83c}`)
  t.equal(await usernameOf('Jürgen "茶"'), 'Jürgen "茶"')
  t.equal(await usernameOf(['admin']), undefined)
  t.equal(await usernameOf('admin', { secret: 'hunter2' }), 'admin')
})

t.test('rejected requests are logged at level info only if the caller is signed in', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  for (const [method, path] of [
    ['GET', '/nothing'],
    ['GET', '/wp-login.php'],
    ['GET', '/products'],
    ['PUT', '/products'],
    ['GET', '/%zz']
  ] as const) {
    t.strictSame(await logOf(app, path, { method, token: null }), [], `${method} ${path}`)
  }
  t.strictSame(await logOf(app, '/products', { token: 'x' }), [])
  t.strictSame(await logOf(app, '/auth', { method: 'POST', body: '{', token: null }), [])

  t.match(await logOf(app, '/products/2'), [
    { account: 'admin', problem: 'product-not-found', method: 'GET', path: '/products/2', msg: 'request refused' }
  ])
  const cookie = `token=${await app.token()}`
  t.match(
    await logOf(app, '/auth', { method: 'DELETE', token: null, headers: { cookie, origin: 'https://evil.example' } }),
    [{ account: 'admin', problem: 'cross-site-request' }]
  )
})
