import { Accounts, FirstAccountError } from '../../src/auth/accounts.js'
import { DeviceCookies } from '../../src/auth/device-cookies.js'
import { WrongCredentialsError } from '../../src/auth/errors.js'
import { AccountStore } from '../../src/store/accounts.js'
import type { Database } from '../../src/store/database.js'
import { migrate } from '../../src/store/migrate.js'
import { openDatabase } from '../../src/store/open-database.js'
import { StateCache } from '../../src/store/state-cache.js'
import { createDatabase, onOneEngine } from '../helpers/engines.js'

const create = (database: Database) =>
  new Accounts(new AccountStore(database), new DeviceCookies(new StateCache(database)))
const client = { network: '192.0.2.1', device: undefined }

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
