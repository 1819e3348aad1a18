import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { rotateKeys, SigningKeys } from '../../src/auth/signing-keys.js'
import type { Database } from '../../src/store/database.js'
import { migrate } from '../../src/store/migrate.js'
import { openDatabase } from '../../src/store/open-database.js'
import { StateCache } from '../../src/store/state-cache.js'
import { TokenStore } from '../../src/store/tokens.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { createDatabase, onOneEngine } from '../helpers/engines.js'
import { mascara } from '../helpers/products.js'
import { decodeToken } from '../helpers/tokens.js'

/** Opens a database. `keysOf` returns the keys as another process sees them. */
async function open(t: Test): Promise<{ database: Database; store: TokenStore; keysOf: () => SigningKeys }> {
  const url = await createDatabase(t)
  const database = openDatabase(url)
  t.teardown(() => database.close())
  await migrate(database)
  const keysOf = () => new SigningKeys(new TokenStore(database), new StateCache(database))
  return { database, store: new TokenStore(database), keysOf }
}

onOneEngine('the key is generated once and stored', async (t) => {
  const { keysOf } = await open(t)
  const load = async () => {
    const keys = keysOf()
    t.throws(() => keys.current, /not loaded/)
    await keys.load()
    return keys
  }

  const first = await load()
  const second = await load()

  t.strictSame(second.current, first.current)
  t.equal(first.find(first.current.id), first.current)
  t.equal(first.find('other'), undefined)
  t.strictSame(first.publicKeys, [first.current.jwk])
})

onOneEngine(
  'a rotation introduces a new signing key and keeps old keys for 30 days, while their tokens can be valid',
  async (t) => {
    const { database, store, keysOf } = await open(t)
    const keys = keysOf()
    await keys.load()
    const first = keys.current.id
    const ids = () => keys.publicKeys.map(({ kid }) => kid)

    const second = await rotateKeys(store)
    await keys.refresh()
    t.equal(keys.current.id, second)
    t.strictSame(ids(), [second, first], 'the newest first')
    t.match(await store.keys(), [
      { id: second, retiredAt: null },
      { id: first, retiredAt: /^\d{4}-/ }
    ])

    const day = 86_400_000
    const retire = (id: string, days: number) =>
      database.write
        .updateTable('signing_key')
        .set({ retired_at: new Date(Date.now() - days * day).toISOString() })
        .where('id', '=', id)
        .execute()
    await retire(first, 29.9)
    const third = await rotateKeys(store)
    await keys.refresh()
    t.strictSame(ids(), [third, second, first], 'a token may still be valid')

    await retire(first, 30.1)
    const fourth = await rotateKeys(store)
    await keys.refresh()
    t.strictSame(new Set(ids()), new Set([fourth, third, second]), 'no token can be valid any more')
    t.equal(ids()[0], fourth)
  }
)

onOneEngine('concurrent refreshes share one read and all return the new keys', async (t) => {
  const { store, keysOf } = await open(t)
  const keys = keysOf()
  await keys.load()
  let readings = 0
  const read = TokenStore.prototype.keys
  t.intercept(TokenStore.prototype, 'keys', {
    value() {
      readings++
      return read.call(this)
    }
  })
  await keys.refresh()
  readings = 0

  await rotateKeys(store)
  const seen = await Promise.all(Array.from({ length: 20 }, () => keys.refresh().then(() => keys.current.id)))

  t.strictSame([...new Set(seen)], [(await store.keys())[0]?.id])
  t.equal(readings, 2, 'one read by the refreshes, one by this test')
})

onOneEngine('a rotation with a hundred keys changes nothing', async (t) => {
  const { store } = await open(t)
  for (let i = 0; i < 100; i++) await rotateKeys(store)
  const before = await store.keys()
  t.equal(before.length, 100)

  t.equal(await rotateKeys(store), undefined)

  t.strictSame(await store.keys(), before)
})

onOneEngine('a running service follows a rotation by another process within milliseconds', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const other = await startApp(t, { config: { databaseUrl: app.config.databaseUrl } })
  const old = await app.token()
  t.equal((await read(app, old)).status, 200)
  const before = decodeToken(old).header.kid
  t.strictSame(await publicIds(app), [before])

  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const rotated = (await rotateKeys(new TokenStore(database))) as string
  for (const process of [app, other]) while (!(await publicIds(process)).includes(rotated)) await sleep(1)

  const newToken = (await other.signIn()).body.token
  t.equal(decodeToken(newToken).header.kid, rotated, 'new tokens are signed by the new key')
  t.equal((await read(app, newToken)).status, 200, 'another process knows the new key')
  t.equal((await read(other, old)).status, 200, 'old tokens stay valid')
  t.equal((await read(app, old)).status, 200, 'cached tokens too')
  t.strictSame(await publicIds(app), [rotated, before], 'both keys are published')

  const next = await rotateKeys(new TokenStore(database))
  while (!(await publicIds(app)).includes(next)) await sleep(1)
  t.strictSame(await publicIds(app), [next, rotated, before], 'without any other request')
})

const read = (app: TestApp, token: string) => app.request('/products', { token })

const publicIds = async (app: TestApp) =>
  (await app.request('/.well-known/jwks.json', { token: null })).body.keys.map(({ kid }: { kid: string }) => kid)
