import { Accounts, FirstAccountError } from '../../src/auth/accounts.js'
import { AccountStore } from '../../src/store/accounts.js'
import { openDatabase } from '../../src/store/database.js'
import { migrate } from '../../src/store/migrations.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'

onEachEngine('the first account is made once, with the password that was set or with one that is made', async (t) => {
  for (const [given, production] of [
    [undefined, false],
    ['chosen by hand', false],
    ['chosen by hand', true]
  ] as const) {
    const database = openDatabase(await createDatabase(t))
    t.teardown(() => database.close())
    await migrate(database)
    const accounts = new Accounts(new AccountStore(database))

    const made = await accounts.ensureFirst('root', given, production)

    if (given !== undefined) t.equal(made, undefined, 'there is nothing to show')
    else t.match(made, /^[\w-]{24}$/)
    t.match(await accounts.signIn('root', given ?? (made as string)), {
      username: 'root',
      scopes: ['catalog:read', 'catalog:write', 'catalog:sync', 'accounts:admin']
    })
    t.equal(await accounts.ensureFirst('other', 'another password', production), undefined)
    await t.rejects(accounts.signIn('other', 'another password'), {
      name: 'ProblemError',
      problem: 'wrong-credentials'
    })
  }
})

onEachEngine('in production no password is made', async (t) => {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  await migrate(database)

  await t.rejects(new Accounts(new AccountStore(database)).ensureFirst('root', undefined, true), FirstAccountError)
})
