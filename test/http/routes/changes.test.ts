import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Change } from '../../../schemas/change.js'
import { STREAMS_MAX } from '../../../schemas/change.js'
import { generateKey } from '../../../src/auth/signing-keys.js'
import { ChangeFeed } from '../../../src/changes/change-feed.js'
import { RevisionGoneError } from '../../../src/changes/errors.js'
import { toStream } from '../../../src/http/routes/changes.js'
import { abortIfStalled } from '../../../src/http/stalled-streams.js'
import { AccountStore } from '../../../src/store/accounts.js'
import { ChangeStore } from '../../../src/store/change-store.js'
import { openDatabase } from '../../../src/store/open-database.js'
import { TokenStore } from '../../../src/store/tokens.js'
import { ADMIN, startApp, type TestApp } from '../../helpers/app.js'
import { onOneEngine } from '../../helpers/engines.js'
import { EventReader } from '../../helpers/events.js'
import { mug } from '../../helpers/local-products.js'
import { mascara, palette, sourceProduct } from '../../helpers/products.js'
import { runs } from '../../helpers/runs.js'

const patch = (app: TestApp, id: number, json: unknown) =>
  app.request(`/products/${id}`, { method: 'PATCH', json, headers: { 'if-match': '*' } })
const remove = (app: TestApp, path: string) => app.request(path, { method: 'DELETE', headers: { 'if-match': '*' } })
/** Stands for a token that stays valid. */
const isAllowed = async () => true
const createProduct = (app: TestApp, sku: string) => app.request('/products', { method: 'POST', json: { ...mug, sku } })

onOneEngine('the feed has every change in order and without gaps, whatever its origin', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  await patch(app, 1, { price: 5, brand: '' })
  await createProduct(app, 'a')
  app.source.products = [{ ...mascara, stock: 1, price: 3 }]
  await app.sync()
  await remove(app, '/products/1')
  await remove(app, '/products/1/edits')

  const { status, headers, body } = await app.request('/changes?after=0')
  t.equal(status, 200)
  t.equal(headers.get('cache-control'), 'no-store')
  t.equal(body.revision, 8)
  t.match(body.changes, [
    { revision: 1, kind: 'created', productId: 1, fields: [] },
    { revision: 2, kind: 'created', productId: 2 },
    { revision: 3, kind: 'updated', productId: 1, fields: ['brand', 'price', 'edited'] },
    { revision: 4, kind: 'created', productId: 1_000_000_000 },
    { revision: 5, kind: 'updated', productId: 1, fields: ['stock'] },
    { revision: 6, kind: 'deleted', productId: 2, fields: [] },
    { revision: 7, kind: 'deleted', productId: 1 },
    { revision: 8, kind: 'created', productId: 1 }
  ])
  for (const { at } of body.changes) t.match(at, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  t.strictSame((await app.request('/changes')).body, body, 'all stored changes without `after`')
  t.match((await app.request('/changes?after=2&limit=2')).body, {
    changes: [{ revision: 3 }, { revision: 4 }],
    revision: 4
  })
  t.strictSame((await app.request('/changes?after=8')).body, { changes: [], revision: 8, epoch: body.epoch })
})

onOneEngine('the feed leaves out changes of categories, and its revision includes them', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const edit = (name: string) => app.request('/categories/beauty', { method: 'PUT', json: { name } })
  await edit('Make-up')
  await patch(app, 1, { price: 5 })
  await edit('Cosmetics')

  const { body } = await app.request('/changes?after=0')
  t.match(body.changes, [{ revision: 1 }, { revision: 2 }, { revision: 4, productId: 1 }])
  t.equal(body.changes.length, 3)
  t.equal(body.revision, 5)
  t.equal((await app.request('/')).body.catalog.revision, 5)
  t.match((await app.request('/changes?after=0&limit=2')).body, { revision: 2 })
  t.match((await app.request('/changes?after=2&limit=1')).body, { changes: [{ revision: 4 }], revision: 4 })
  t.strictSame((await app.request('/changes?after=4')).body, { changes: [], revision: 5, epoch: body.epoch })

  const reader = await EventReader.open(app, '/changes?after=4')
  await edit('Beauty')
  await reader.commented(2)
  t.match(reader.comments, [/^retry: 1000\nid: .*\.5$/, /^id: .*\.6$/])
  await patch(app, 2, { price: 6 })
  await reader.received(1)
  t.match(reader.changes, [{ revision: 7, productId: 2 }])
  await reader.cut()
})

onOneEngine('the history of a product lists its changes with account and field values, newest first', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const token = await app.tokenOf('editor')
  const write = (method: string, path: string, json?: unknown) =>
    app.request(path, { method, json, token, headers: { 'if-match': '*' } })
  await write('PATCH', '/products/1', { price: 5, brand: null })
  app.source.products = [{ ...mascara, stock: 1 }]
  await app.sync()
  await write('DELETE', '/products/1')

  const { body, headers } = await app.request('/products/1/history')
  t.strictSame(
    body.history.map(({ at: _, ...entry }: { at: string }) => entry),
    [
      { revision: 4, kind: 'deleted', by: 'account', account: 'editor', changes: [] },
      { revision: 3, kind: 'updated', by: 'sync', changes: [{ field: 'stock', before: 7, after: 1 }] },
      {
        revision: 2,
        kind: 'updated',
        by: 'account',
        account: 'editor',
        changes: [
          { field: 'brand', before: 'Brand' },
          { field: 'price', before: 9.99, after: 5 },
          { field: 'edited', before: [], after: ['brand', 'price'] }
        ]
      },
      { revision: 1, kind: 'created', by: 'sync', changes: [] }
    ]
  )
  t.equal(headers.get('cache-control'), 'no-store')
  const first = await app.request('/products/1/history?limit=3')
  t.equal(first.body.next, 2)
  const second = await app.request('/products/1/history?limit=3&before=2')
  t.strictSame([...first.body.history, ...second.body.history], body.history)
  t.notOk('next' in second.body)
  t.equal((await app.request('/products/4711/history')).status, 404)
  t.equal((await app.request('/products/1/history', { token: await app.tokenOf('reader') })).status, 403)
})

onOneEngine(
  'changes are removed after their retention, and reading from a removed revision responds with 410',
  async (t) => {
    const app = await startApp(t, { products: [mascara, palette], config: { changeRetention: 10 } })
    const { changes } = app.app.services
    await sleep(5)
    const later = new Date().toISOString()
    await patch(app, 1, { price: 1 })
    await patch(app, 1, { price: 2 })
    await app.request('/products')

    t.equal(await changes.prune(later, later), 2)
    t.equal(await changes.prune(later, later), 0)
    const gone = await app.request('/changes?after=1')
    t.match(gone.body, { status: 410, type: /revision-gone$/, detail: /Start over/ })
    t.match((await app.request('/changes?after=2')).body, { changes: [{ revision: 3 }, { revision: 4 }] })
    t.match((await app.request('/changes')).body, { changes: [{ revision: 3 }, { revision: 4 }], revision: 4 })
    t.equal((await app.request('/changes?after=5')).status, 410, 'an unknown revision')
    t.match((await app.request('/products/1/history')).body.history, { length: 2 })
    t.strictSame((await app.request('/products/2/history')).body, { history: [] }, 'no stored changes')

    await changes.prune('9', '9')
    t.match((await app.request('/changes')).body, { changes: { length: 0 }, revision: 4 })
    t.equal((await app.request('/changes?after=3')).status, 410)
    t.match((await app.request('/changes?after=4')).body, { changes: { length: 0 }, revision: 4 })
    t.match((await patch(app, 1, { price: 3 })).body, { price: 3 })
    t.match((await app.request('/products?ids=1')).body.products, [{ price: 3 }])
  }
)

onOneEngine('a process that missed removed changes reloads the catalog', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const other = await startApp(t, { source: app.source, config: { databaseUrl: app.config.databaseUrl } })
  t.equal((await other.request('/products')).body.total, 2)
  await createProduct(app, 'a')
  await app.app.services.changes.prune('9', '9')
  await patch(app, 2, { title: 'Changed' })

  while ((await other.request('/')).body.catalog.revision < 4) await sleep(5)
  t.match((await other.request('/products')).body, {
    total: 3,
    products: [{ id: 1 }, { title: 'Changed' }, { sku: 'a' }]
  })
})

onOneEngine('a stream sends changes as they happen and resumes after a disconnect', async (t) => {
  const app = await startApp(t, { config: { rateLimit: 1_000_000 } })
  const CHANGES = runs(1500, 5000)
  const PRODUCTS = 100
  app.source.products = Array.from({ length: PRODUCTS }, (_, i) => sourceProduct(i + 1))
  const writing = (async () => {
    await app.sync()
    for (let round = 1; round < CHANGES / PRODUCTS - 1; round++) {
      await app.app.services.products.write({ by: 'shell' }, async (writing) => {
        const stored = await writing.load(Array.from({ length: PRODUCTS }, (_, i) => i + 1))
        const edits = { stock: 1000 + round }
        await writing.apply([...stored].map(([id, before]) => ({ id, before, after: { ...before, edits } })))
      })
    }
    for (let i = 0; i < PRODUCTS; i++) await patch(app, 2, { stock: 2000 + i })
  })()
  const seen: Change[] = []
  for (let cuts = 0; seen.length < CHANGES; cuts++) {
    const last = seen.at(-1)
    const reader = await EventReader.open(app, '/changes?after=0', last && String(last.revision))
    const enough = cuts < 20 ? 1 + Math.floor(Math.random() * (CHANGES / 30)) : CHANGES - seen.length
    await reader.received(Math.min(enough, CHANGES - seen.length))
    await reader.cut()
    seen.push(...reader.changes.slice(0, enough))
    if (cuts === 20) t.pass('20 disconnects')
  }
  await writing
  t.equal(seen.length, CHANGES)
  t.ok(
    seen.every(({ revision }, i) => revision === i + 1),
    'each once, in order'
  )
  t.strictSame(seen.slice(-3), (await app.request(`/changes?after=${CHANGES - 3}`)).body.changes)
})

t.test('a stream starts after the requested revision, for many clients', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const readers = await Promise.all(Array.from({ length: 20 }, () => EventReader.open(app, '/changes?after=1')))
  t.equal(readers[0]?.response.headers.get('content-type'), 'text/event-stream')
  t.equal(readers[0]?.response.headers.get('cache-control'), 'no-store, no-transform')
  t.equal(readers[0]?.response.headers.get('x-accel-buffering'), 'no')
  t.equal(readers[0]?.response.headers.get('vary'), 'Accept')
  await patch(app, 1, { price: 1 })
  for (const reader of readers) {
    await reader.received(2)
    t.match(reader.changes, [{ revision: 2 }, { revision: 3, fields: ['price', 'edited'] }])
    await reader.cut()
  }
})

t.test('an invalid stream request is a problem', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const ask = (path: string, headers = {}) =>
    app.request(path, { headers: { accept: 'text/event-stream', ...headers } })
  t.equal((await ask('/changes?after=7')).body.type, 'urn:problem-type:product-catalog:revision-gone')
  t.equal((await ask('/changes', { 'last-event-id': '7' })).status, 410)
  t.equal((await ask('/changes?lastEventId=7')).status, 410)
  for (const last of ['x', '-1', '1.5', '99999999999', 'epoch.1', '5lkZ3Qxm.', '.1', '5lkZ3Qxm.1.1']) {
    const [fromHeader, fromQuery] = [
      await ask('/changes', { 'last-event-id': last }),
      await ask(`/changes?lastEventId=${last}`)
    ]
    t.match(fromHeader.body, {
      status: 400,
      type: /invalid-request$/,
      errors: [{ in: 'header', pointer: '/last-event-id' }]
    })
    t.match(fromQuery.body, {
      status: 400,
      type: /invalid-request$/,
      errors: [{ in: 'query', pointer: '/lastEventId' }]
    })
    t.equal(fromQuery.body.errors[0].detail, fromHeader.body.errors[0].detail, 'for the same reason')
  }
  for (const query of ['after=x', 'after=-1', 'limit=0', 'limit=1001', 'x=1']) {
    t.equal((await ask(`/changes?${query}`)).status, 400, query)
  }
  t.equal((await app.request('/changes', { token: null })).status, 401)
  const { status, headers } = await app.request('/changes', {
    method: 'HEAD',
    headers: { accept: 'text/event-stream' }
  })
  t.equal(status, 200)
  t.match(headers.get('content-type'), 'application/json')
})

onOneEngine('a revision of another epoch is gone for pages, streams and resumed streams', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const { epoch } = (await app.request('/changes')).body
  t.equal((await app.request('/')).body.catalog.epoch, epoch)
  const stream = { accept: 'text/event-stream' }
  for (const query of ['epoch=another0', 'after=1&epoch=another0', 'after=0&epoch=_-000000&limit=5']) {
    t.match((await app.request(`/changes?${query}`)).body, { status: 410, type: /revision-gone$/ }, query)
    t.equal((await app.request(`/changes?${query}`, { headers: stream })).status, 410)
  }
  for (const id of ['another0.1', 'another0.0']) {
    const headers = { ...stream, 'last-event-id': id }
    t.equal((await app.request(`/changes?after=1&epoch=${epoch}`, { headers })).status, 410, id)
    const polyfilled = await app.request(`/changes?after=1&epoch=${epoch}&lastEventId=${id}`, { headers: stream })
    t.equal(polyfilled.status, 410, `${id} as a query parameter`)
  }
  t.equal((await app.request('/changes?epoch=another0', { headers: { ...stream, 'last-event-id': '1' } })).status, 410)
  for (const bad of ['', 'short', 'far-too-long', 'a.b.c.d.', '%00%00%00%00%00%00%00%00']) {
    t.equal((await app.request(`/changes?after=1&epoch=${bad}`)).status, 400, bad)
  }
  t.match((await app.request(`/changes?after=1&epoch=${epoch}`)).body, {
    changes: [{ revision: 2 }],
    revision: 2,
    epoch
  })

  for (const [path, last] of [
    [`/changes?after=1&epoch=${epoch}`, undefined],
    ['/changes?after=0&epoch=another0', `${epoch}.1`],
    ['/changes?after=0', '1'],
    // As event-source-polyfill 1.0 builds its URLs.
    [`/changes?&lastEventId=${epoch}.1`, undefined],
    [`/changes?after=0&epoch=another0&lastEventId=${epoch}.1`, undefined],
    // The header is newer.
    ['/changes?lastEventId=another0.0', `${epoch}.1`]
  ] as const) {
    const reader = await EventReader.open(app, path, last)
    await reader.received(1)
    const { changes, comments, lastId } = reader
    t.match(
      { changes, comments, lastId },
      { changes: [{ revision: 2 }], comments: [`retry: 1000\nid: ${epoch}.1`], lastId: `${epoch}.2` }
    )
    await reader.cut()
  }
  const all = await EventReader.open(app)
  await all.received(2)
  t.strictSame(all.comments, [`retry: 1000\nid: ${epoch}.0`])
  await all.cut()
})

onOneEngine('a follower gets no changes of another epoch', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { feed } = app.app.services
  const epoch = 'another0'
  const following = { isAllowed, epoch, heartbeatMs: 10_000, end: Date.now() + 60_000 }
  const changes = feed.follow(0, { ...following, signal: new AbortController().signal })
  await t.rejects(changes.next(), RevisionGoneError)
})

t.test('requests for other media types get JSON', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  for (const accept of ['application/json', '*/*', 'application/problem+json', 'text/event-stream;q=0.1, */*']) {
    t.match(await app.request('/changes', { headers: { accept } }), { status: 200, body: { revision: 1 } }, accept)
  }
})

onOneEngine('a stream ends when its token is revoked, and continues when other tokens are', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const token = await app.tokenOf('reader')
  const { body: other } = await app.signIn({ username: 'reader', password: ADMIN.password })
  const editor = await app.tokenOf('editor')
  const open = (token: string) => EventReader.open(app, '/changes', undefined, token)
  const [revoked, sameAccount, otherAccount] = await Promise.all([open(token), open(other.token), open(editor)])
  await Promise.all([revoked, sameAccount, otherAccount].map((reader) => reader.received(1)))

  await app.request('/auth', { method: 'DELETE', token })
  await revoked.ended
  t.equal((await app.request('/changes', { token })).status, 401)
  await patch(app, 1, { price: 1 })
  await Promise.all([sameAccount, otherAccount].map((reader) => reader.received(2)))

  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const accounts = new AccountStore(database)
  await accounts.setRole('editor', 'admin')
  await patch(app, 1, { price: 2 })
  await Promise.all([sameAccount, otherAccount].map((reader) => reader.received(3)))
  await accounts.remove('editor')
  await otherAccount.ended
  await patch(app, 1, { price: 3 })
  await sameAccount.received(4)
  await new TokenStore(database).rotateKeys(generateKey(), '1970', 10)
  await patch(app, 1, { price: 4 })
  await sameAccount.received(5)
  await accounts.setPassword('reader', 'another')
  await sameAccount.ended
})

t.test('streams are limited per account', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const token = await app.tokenOf('reader')
  const open = () => EventReader.open(app, '/changes', undefined, token)
  const readers = await Promise.all(Array.from({ length: STREAMS_MAX }, open))
  t.ok(readers.every(({ response }) => response.status === 200))

  const rejected = await open()
  t.equal(rejected.response.status, 429)
  t.equal(rejected.response.headers.get('retry-after'), '60')
  t.equal((await app.request('/changes', { token })).status, 200, 'pages do not count')
  const other = await EventReader.open(app, '/changes', undefined, await app.tokenOf('editor'))
  t.equal(other.response.status, 200)

  await readers[0]?.cut()
  let again = await open()
  while (again.response.status === 429) again = await open()
  t.equal(again.response.status, 200)
  for (const reader of [...readers, other, again]) await reader.cut()
})

t.test('a stream ends when its token expires', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { tokenTtl: 2 } })
  const reader = await EventReader.open(app, '/changes', undefined, (await app.signIn()).body.token)
  await reader.ended
  t.equal(reader.changes.length, 1)
})

onOneEngine('the service stops despite streams that clients open at the same moment', async (t) => {
  for (let i = 0; i < 5; i++) {
    const app = await startApp(t, { products: [mascara] })
    const token = await app.token()
    const arrived = new Promise((resolve) => app.app.server.once('request', resolve))
    const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' }
    const stream = fetch(`${app.url}/changes`, { headers }).then((response) => response.text())
    await arrived
    await app.app.close()
    await stream.catch(() => {})
  }
})

t.test('the service stops despite open streams', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const reader = await EventReader.open(app, '/changes')
  await reader.received(1)
  const start = performance.now()
  await app.app.close()
  await reader.ended
  t.ok(performance.now() - start < 5000)
})

t.test('a quiet stream sends heartbeats', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { feed, catalog } = app.app.services
  const signal = new AbortController()
  const parts: string[] = []
  const { epoch, revision } = await catalog.state()
  const following = { isAllowed, epoch, heartbeatMs: 100, end: Number.POSITIVE_INFINITY, signal: signal.signal }
  for await (const part of toStream(feed.follow(1, following), { epoch, revision })) {
    parts.push(String(part))
    if (parts.length === 3) await patch(app, 1, { price: 1 })
    if (parts.length === 4) signal.abort()
  }
  t.match(parts, [
    `retry: 1000\nid: ${epoch}.1\n\n`,
    ': nothing new\n\n',
    ': nothing new\n\n',
    /^id: [\w-]{8}\.2\nevent: change\ndata: \{"revision":2,.*\}\n\n$/
  ])
  t.equal(parts.length, 4)
})

t.test('a stalled reader is aborted, but a slow one is not', async (t) => {
  let abortedCount = 0
  async function* numbers() {
    yield* [1, 2, 3]
  }
  const seen: number[] = []
  for await (const number of abortIfStalled(numbers(), 100, () => abortedCount++)) {
    seen.push(number)
    await sleep(20)
  }
  await sleep(150)
  t.strictSame(seen, [1, 2, 3])
  t.equal(abortedCount, 0)
  for await (const _ of abortIfStalled(numbers(), 20, () => abortedCount++)) {
    await sleep(60)
    break
  }
  t.equal(abortedCount, 1)
})

onOneEngine('a start removes the changes that are older than the retention', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  await database.write.updateTable('change').set({ at: '2020-01-01T00:00:00.000Z' }).where('revision', '=', 1).execute()
  const later = await startApp(t, { source: app.source, config: { databaseUrl: app.config.databaseUrl } })
  while ((await later.request('/changes')).body.changes.length === 2) await sleep(5)
  t.match((await later.request('/changes')).body, { changes: [{ revision: 2 }], revision: 2 })
})

onOneEngine(
  'following stops with a signal even between batches, and fails when the next changes are removed',
  async (t) => {
    const products = Array.from({ length: 450 }, (_, i) => sourceProduct(i + 1))
    const app = await startApp(t, { products })
    const { feed, changes, catalog } = app.app.services
    const stop = new AbortController()
    const { epoch } = await catalog.state()
    const following = { isAllowed, epoch, heartbeatMs: 10_000, end: Date.now() + 60_000, signal: stop.signal }

    const begun = feed.follow(0, following)
    t.equal(String((await begun.next()).value).match(/^id: /gm)?.length, 200)
    stop.abort()
    t.strictSame(await begun.next(), { done: true, value: undefined })

    const slow = feed.follow(0, { ...following, signal: new AbortController().signal })
    await slow.next()
    await changes.prune('9', '9')
    await t.rejects(slow.next(), RevisionGoneError)

    const gone = { ...following, isAllowed: async () => false, signal: new AbortController().signal }
    const late = feed.follow(450, gone)
    t.strictSame(await late.next(), { done: true, value: undefined }, 'a revoked token')
  }
)

t.test('a follower waits and gets heartbeats while the database is unreachable', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const unreachable = openDatabase('postgres://nobody:nothing@127.0.0.1:1/none')
  t.teardown(() => unreachable.close())
  const feed = new ChangeFeed(new ChangeStore(unreachable), () => app.app.services.catalog.state())
  const stop = new AbortController()
  const { epoch } = await app.app.services.catalog.state()
  const changes = feed.follow(0, { isAllowed, epoch, heartbeatMs: 20, end: Date.now() + 60_000, signal: stop.signal })

  t.equal(String((await changes.next()).value), ': nothing new\n\n')
  stop.abort()
  t.strictSame(await changes.next(), { done: true, value: undefined })
})

onOneEngine('a history page holds at most a megabyte, and the next page continues', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const images = (round: number) =>
    Array.from({ length: 100 }, (_, i) => `https://a.example/${round}/${i}/${'x'.repeat(1900)}`)
  for (let round = 0; round < 8; round++) await patch(app, 1, { images: images(round) })

  const entries: { revision: number }[] = []
  for (let before: number | undefined; ; ) {
    const { text, body } = await app.request(`/products/1/history?limit=100${before ? `&before=${before}` : ''}`)
    t.ok(text.length < 1_100_000, `${text.length} bytes`)
    entries.push(...body.history)
    before = body.next
    if (before === undefined) break
    t.ok(body.history.length < 8)
  }
  t.strictSame(
    entries.map(({ revision }) => revision),
    [9, 8, 7, 6, 5, 4, 3, 2, 1]
  )
})

onOneEngine('followers that catch up share batches and yield to other work', async (t) => {
  const products = Array.from({ length: 1000 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products })
  const { changes, catalog } = app.app.services
  const { epoch } = await catalog.state()
  let reads = 0
  const countingStore = {
    page: (...parameters: Parameters<ChangeStore['page']>) => {
      reads++
      return changes.page(...parameters)
    }
  }
  const feed = new ChangeFeed(countingStore as ChangeStore, () => catalog.state())
  const following = { isAllowed, epoch, heartbeatMs: 10_000, end: Date.now() + 60_000 }
  let isDone = false
  let turns = 0
  const count = () => {
    turns++
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  const follow = async (after: number) => {
    const stop = new AbortController()
    let text = ''
    for await (const events of feed.follow(after, { ...following, signal: stop.signal })) {
      text += events
      if (text.includes(`${epoch}.1000\n`)) stop.abort()
    }
    const ids = [...text.matchAll(/^id: .*\.(\d+)$/gm)].map(([, id]) => Number(id))
    t.strictSame(
      ids,
      Array.from({ length: 1000 - after }, (_, i) => after + i + 1)
    )
  }

  await Promise.all(Array.from({ length: 50 }, (_, i) => follow(i % 3 === 0 ? 0 : i)))
  isDone = true

  // Each distinct first batch is read once. The later batches are the same for all followers.
  t.equal(reads, new Set(Array.from({ length: 50 }, (_, i) => (i % 3 === 0 ? 0 : i))).size + 4)
  t.ok(turns > 5, `${turns} turns of the loop`)
})
