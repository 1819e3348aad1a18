import { Accounts, FirstAccountError } from '../../src/auth/accounts.js'
import { DeviceCookies } from '../../src/auth/device-cookies.js'
import { WrongCredentialsError } from '../../src/auth/errors.js'
import { AccountStore } from '../../src/store/accounts.js'
import { type Database, openDatabase } from '../../src/store/database.js'
import { migrate } from '../../src/store/migrations.js'
import { StateCache } from '../../src/store/state-cache.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'

const create = (database: Database) =>
  new Accounts(new AccountStore(database), new DeviceCookies(new StateCache(database)))
const client = { network: '192.0.2.1', device: undefined }

onEachEngine('the first account is made once, with the password that was set or with one that is made', async (t) => {
  for (const [given, production] of [
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

    await accounts.ensureFirstAccount('root', given, production, announce)

    if (given !== undefined) t.strictSame(announced, [], 'there is nothing to show')
    else t.match(announced, [['root', /^[\w-]{24}$/]])
    t.match(await accounts.signIn('root', given ?? String(announced[0]?.[1]), client), {
      username: 'root',
      scopes: ['catalog:read', 'catalog:write', 'catalog:sync', 'accounts:admin']
    })
    await accounts.ensureFirstAccount('other', 'another password', production, announce)
    await t.rejects(accounts.signIn('other', 'another password', client), WrongCredentialsError)
  }
})

onEachEngine('in production no password is made', async (t) => {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  await migrate(database)

  await t.rejects(
    create(database).ensureFirstAccount('root', undefined, true, () => {}),
    FirstAccountError
  )
})

onEachEngine(
  'if nobody can be told the password that was made, there is no account, and a later start makes one',
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
    await accounts.ensureFirstAccount('root', undefined, false, (_username, made) => {
      password = made
    })
    t.match(await accounts.signIn('root', password, client), { username: 'root' })
  }
)
