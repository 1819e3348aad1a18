import { hash as argon2 } from '@node-rs/argon2'
import { Accounts, FirstAccountError } from '../../src/auth/accounts.js'
import { DeviceCookies } from '../../src/auth/device-cookies.js'
import { WrongCredentialsError } from '../../src/auth/errors.js'
import { hashPassword } from '../../src/auth/passwords.js'
import { AccountStore } from '../../src/store/accounts.js'
import type { Database } from '../../src/store/database.js'
import { migrate } from '../../src/store/migrate.js'
import { openDatabase } from '../../src/store/open-database.js'
import { StateCache } from '../../src/store/state-cache.js'
import { createDatabase, onEachEngine, onOneEngine } from '../helpers/engines.js'

const create = (database: Database) =>
  new Accounts(new AccountStore(database), new DeviceCookies(new StateCache(database)))
const client = { network: '192.0.2.1', devices: [] }

onOneEngine('the first account is created once, with the configured or a generated password', async (t) => {
  for (const [configured, production] of [
    [undefined, false],
    ['chosen by hand', false],
    ['chosen by hand', true]
  ] as const) {
    const database = openDatabase(await createDatabase(t))
    t.teardown(() => database.close())
    await migrate(database)
    const accounts = create(database)

    const announced: string[][] = []
    const announce = (...account: string[]) => void announced.push(account)

    await accounts.ensureFirstAccount('root', configured, production, announce)

    if (configured !== undefined) t.strictSame(announced, [], 'no announcement')
    else t.match(announced, [['root', /^[\w-]{24}$/]])
    t.match(await accounts.signIn('root', configured ?? String(announced[0]?.[1]), client), {
      username: 'root',
      scopes: ['catalog:read', 'catalog:write', 'catalog:sync', 'accounts:admin']
    })
    await accounts.ensureFirstAccount('other', 'another password', production, announce)
    await t.rejects(accounts.signIn('other', 'another password', client), WrongCredentialsError)
  }
})

onEachEngine('an account signs in with every form of its password that looks the same', async (t) => {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  await migrate(database)
  const accounts = create(database)
  const store = new AccountStore(database)
  const [composed, decomposed] = ['caf\u00e9 cr\u00e8me', 'cafe\u0301 cre\u0300me']
  const canSignIn = (username: string, password: string) =>
    accounts.signIn(username, password, client).then(
      () => true,
      (error) => {
        if (error instanceof WrongCredentialsError) return false
        throw error
      }
    )

  await accounts.ensureFirstAccount('root', decomposed, true, () => {})
  await store.add('ada', 'reader', await hashPassword(composed))
  await store.add('bob', 'reader', await argon2(decomposed))

  for (const username of ['root', 'ada']) {
    t.equal(await canSignIn(username, composed), true, username)
    t.equal(await canSignIn(username, decomposed), true, username)
    t.equal(await canSignIn(username, 'cafe creme'), false, username)
  }
  t.equal(await canSignIn('bob', decomposed), true, 'an account of an earlier release')
  t.equal(await canSignIn('bob', composed), false)
  t.equal(await canSignIn('nobody', decomposed), false)
  const counted = database.read.selectFrom('sign_in_failure').select('failures').where('username', '=', 'nobody')
  t.strictSame(
    (await counted.execute()).map(({ failures }) => failures),
    [1, 1],
    'one failure each for the client and for all unknown clients, although two forms were compared'
  )
})

onOneEngine('in production, no password is generated', async (t) => {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  await migrate(database)

  await t.rejects(
    create(database).ensureFirstAccount('root', undefined, true, () => {}),
    FirstAccountError
  )
})

onOneEngine(
  'if the generated password cannot be announced, no account is created, and a later start creates one',
  async (t) => {
    const database = openDatabase(await createDatabase(t))
    t.teardown(() => database.close())
    await migrate(database)
    const accounts = create(database)

    await t.rejects(
      accounts.ensureFirstAccount('root', undefined, false, async () => {
        throw new FirstAccountError('no room')
      }),
      { message: 'no room' }
    )

    t.strictSame(await new AccountStore(database).list(), [])
    let password = ''
    await accounts.ensureFirstAccount('root', undefined, false, (_username, generated) => {
      password = generated
    })
    t.match(await accounts.signIn('root', password, client), { username: 'root' })
  }
)
