/* Password guessing from many addresses, while the owners of the accounts sign in. */
import { Accounts } from '../../src/auth/accounts.js'
import { DeviceCookies } from '../../src/auth/device-cookies.js'
import { hashPassword } from '../../src/auth/passwords.js'
import { AccountStore } from '../../src/store/accounts.js'
import { migrate } from '../../src/store/migrate.js'
import { openDatabase } from '../../src/store/open-database.js'
import { StateCache } from '../../src/store/state-cache.js'
import { ADMIN, type Answer, startApp, type TestApp } from '../helpers/app.js'
import { createDatabase, onOneEngine } from '../helpers/engines.js'

const LOCKED = 'urn:problem-type:product-catalog:too-many-attempts'
const WRONG = { ...ADMIN, password: 'wrong' }
const config = { trustProxy: ['127.0.0.1'] }

interface From {
  address: string
  /** Value of the device cookie. */
  device?: string
}

const signIn = async (app: TestApp, credentials: object, { address, device }: From): Promise<Answer> =>
  await app.request('/auth', {
    method: 'POST',
    json: credentials,
    token: null,
    headers: { 'x-forwarded-for': address, ...(device !== undefined && { cookie: `other=1; device=${device}` }) }
  })

/** Returns the device cookie that a response sets. */
function deviceOf({ headers }: Answer): string {
  const [, value] =
    headers
      .getSetCookie()
      .map((cookie) => /^device=([^;]+)/.exec(cookie))
      .find(Boolean) ?? []
  if (value === undefined) throw new Error('the response sets no device cookie')
  return value
}

/** Guesses once from each of a hundred addresses. Guesses two at a time, so that none waits long on a slow machine. */
async function guess(app: TestApp, username = ADMIN.username): Promise<number[]> {
  const statuses: number[] = []
  for (let i = 0; i < 100; i += 2) {
    const guesses = [i, i + 1].map((n) => signIn(app, { username, password: 'wrong' }, { address: `192.0.2.${n}` }))
    for (const { status } of await Promise.all(guesses)) statuses.push(status)
  }
  return statuses
}

/** Returns the account store of a service, and a function that expires every lock. */
function openLocks(t: { teardown(end: () => unknown): void }, { config }: TestApp) {
  const database = openDatabase(config.databaseUrl)
  t.teardown(() => database.close())
  return {
    store: new AccountStore(database),
    async unlock() {
      const past = new Date(Date.now() - 1).toISOString()
      await database.write.updateTable('sign_in_failure').set({ locked_until: past }).execute()
    }
  }
}

/** Records a hundred failures of unknown clients for a username, which locks it for them, without password checks. */
async function countFailuresOfUnknownClients(store: AccountStore, username = ADMIN.username): Promise<void> {
  for (let i = 0; i < 100; i++) await store.countAttempt(username, `address:192.0.2.${i}`)
}

onOneEngine('guesses from many addresses do not lock out known devices and addresses', async (t) => {
  const app = await startApp(t, { config })
  const { unlock } = openLocks(t, app)
  const program = { address: '2001:db8::1' }
  const browser = { address: '203.0.113.1', device: deviceOf(await signIn(app, ADMIN, { address: '203.0.113.1' })) }
  t.equal((await signIn(app, ADMIN, program)).status, 200)

  t.strictSame(await guess(app), Array(100).fill(401))

  const isServed = async (app: TestApp) => {
    const stranger = await signIn(app, ADMIN, { address: '203.0.113.2' })
    t.equal(stranger.status, 429, 'an unknown client')
    t.equal(stranger.body.type, LOCKED)
    t.equal(
      (await signIn(app, ADMIN, { ...browser, address: '203.0.113.3' })).status,
      200,
      'the known device at another address'
    )
    t.equal((await signIn(app, WRONG, program)).status, 401, 'a known address, whose password is checked')
    t.equal((await signIn(app, ADMIN, { address: '2001:db8::2' })).status, 200, 'another address of the same network')
  }
  await isServed(app)
  await isServed(await startApp(t, { config: { ...config, databaseUrl: app.config.databaseUrl } }))

  await unlock()
  for (const address of ['203.0.113.4', '203.0.113.5']) {
    t.equal((await signIn(app, ADMIN, { address })).status, 200, 'any client after the lock')
  }
})

onOneEngine('unknown usernames are locked like existing ones', async (t) => {
  const app = await startApp(t, { config })
  const { store, unlock } = openLocks(t, app)
  const seen: unknown[] = []
  for (const username of ['admin', 'nobody']) {
    await countFailuresOfUnknownClients(store, username)
    await unlock()
    for (const address of ['203.0.113.1', '203.0.113.2']) {
      const device = `${'A'.repeat(22)}.${'A'.repeat(43)}`
      const answer = await signIn(app, { username, password: 'wrong' }, { address, device })
      const { requestId, detail, ...body } = answer.body
      seen.push([answer.status, body, [...answer.headers.keys()]])
    }
  }

  t.match(seen, [[401], [429]])
  t.strictSame(seen.slice(0, 2), seen.slice(2))
})

onOneEngine('five failures lock only the failing device, at any address, and suspend its cookie', async (t) => {
  const app = await startApp(t, { config })
  const { store } = openLocks(t, app)
  const [one = '', two = ''] = [
    deviceOf(await signIn(app, ADMIN, { address: '203.0.113.1' })),
    deviceOf(await signIn(app, ADMIN, { address: '203.0.113.1' }))
  ]
  t.not(one, two)
  for (let i = 0; i < 5; i++) {
    t.equal((await signIn(app, WRONG, { address: `203.0.113.1${i}`, device: one })).status, 401)
  }

  const free = await signIn(app, ADMIN, { address: '203.0.113.20', device: one })
  t.equal(free.status, 200, 'the device counts as a client without a cookie')
  t.equal((await signIn(app, ADMIN, { address: '203.0.113.21', device: deviceOf(free) })).status, 200)

  await countFailuresOfUnknownClients(store)
  const locked = await signIn(app, ADMIN, { address: '203.0.113.22', device: one })
  t.equal(locked.status, 429)
  t.equal(locked.body.type, LOCKED)
  t.equal((await signIn(app, ADMIN, { address: '203.0.113.23', device: two })).status, 200, 'another device')
})

onOneEngine('failures of other clients at the same address do not lock a device', async (t) => {
  const app = await startApp(t, { config })
  const address = '203.0.113.1'
  const device = deviceOf(await signIn(app, ADMIN, { address }))
  for (let i = 0; i < 5; i++) t.equal((await signIn(app, WRONG, { address })).status, 401)

  t.equal((await signIn(app, ADMIN, { address })).status, 429)
  t.equal((await signIn(app, ADMIN, { address, device })).status, 200)
  t.equal((await signIn(app, ADMIN, { address })).status, 429, 'the sign-in of the device does not unlock the address')
})

onOneEngine('a device cookie is invalid for another or a changed account', async (t) => {
  const app = await startApp(t, { config })
  const { store } = openLocks(t, app)
  const foreign = await startApp(t, { config })
  const ada = { username: 'ada.b@example.org', password: ADMIN.password }
  const hash = await hashPassword(ADMIN.password)
  await store.add(ada.username, 'reader', hash)
  const removed = deviceOf(await signIn(app, ada, { address: '203.0.113.1' }))
  await store.remove(ada.username)
  await store.add(ada.username, 'reader', hash)
  const adas = deviceOf(await signIn(app, ada, { address: '203.0.113.2' }))
  const before = deviceOf(await signIn(app, ADMIN, { address: '203.0.113.3' }))
  await store.setPassword('admin', hash)
  const valid = deviceOf(await signIn(app, ADMIN, { address: '203.0.113.4' }))
  const [nonce, code] = valid.split('.') as [string, string]
  for (const { username } of [ADMIN, ada]) await countFailuresOfUnknownClients(store, username)

  const forged = {
    'of another account': adas,
    'of another database': deviceOf(await signIn(foreign, ADMIN, { address: '203.0.113.5' })),
    'from before the password was changed': before,
    'with another nonce': `${nonce.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}.${code}`,
    'with another code': `${nonce}.${code.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`,
    'with a shorter code': valid.slice(0, -1),
    'with a longer code': `${valid}A`,
    'without a code': `${nonce}.`,
    'without a nonce': `.${code}`,
    'with a username': `admin.${valid}`,
    'with an empty value': '',
    'with a broken escape': '%zz',
    'of 10,000 characters': 'a.'.repeat(5000)
  }
  let i = 10
  for (const [what, device] of Object.entries(forged)) {
    t.equal((await signIn(app, ADMIN, { address: `203.0.113.${i++}`, device })).status, 429, what)
  }
  t.equal(
    (await signIn(app, ada, { address: '203.0.113.50', device: removed })).status,
    429,
    'of a removed account with the same name'
  )
  t.equal((await signIn(app, ada, { address: '203.0.113.51', device: adas })).status, 200)
  t.equal(
    (await signIn(app, ADMIN, { address: '203.0.113.53', device: `x; device=${adas}; device=${valid}` })).status,
    200,
    'after invalid cookies of the same name'
  )
  t.equal((await signIn(app, ADMIN, { address: '203.0.113.52', device: valid })).status, 200)
})

onOneEngine(
  'a hundred concurrent guesses from one address get five password checks across all processes',
  async (t) => {
    const url = await createDatabase(t)
    const processes = await Promise.all(
      Array.from({ length: 2 }, async () => {
        const database = openDatabase(url)
        t.teardown(() => database.close())
        await migrate(database)
        return new Accounts(new AccountStore(database), new DeviceCookies(new StateCache(database)))
      })
    )
    await processes[0]?.ensureFirstAccount(ADMIN.username, ADMIN.password, true, () => {})

    const guesses = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) =>
        processes[i % 2]?.signIn(ADMIN.username, 'wrong', { network: '192.0.2.1', devices: [] })
      )
    )

    const errors = guesses.map((guess) => guess.status === 'rejected' && guess.reason.name)
    t.equal(errors.filter((name) => name === 'WrongCredentialsError').length, 5)
    t.equal(errors.filter((name) => ['SignInLockedError', 'TooManySignInsError'].includes(name)).length, 95)
  }
)
