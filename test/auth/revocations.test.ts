import type { Test } from 'tap'
import { TokenRevocations } from '../../src/auth/revocations.js'
import { generateKey } from '../../src/auth/signing-keys.js'
import { AccountStore } from '../../src/store/accounts.js'
import type { Database } from '../../src/store/database.js'
import { ExpiryStore } from '../../src/store/expiry.js'
import { InstanceStore } from '../../src/store/instance.js'
import { migrate } from '../../src/store/migrate.js'
import { openDatabase } from '../../src/store/open-database.js'
import { StateCache } from '../../src/store/state-cache.js'
import { TokenStore } from '../../src/store/tokens.js'
import { startApp } from '../helpers/app.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'

async function open(t: Test): Promise<Database> {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  await migrate(database)
  return database
}

onEachEngine('what ends tokens of an account concerns no other, unless it ends all', async (t) => {
  const database = await open(t)
  const snapshot = new StateCache(database)
  const accounts = new AccountStore(database)
  const tokens = new TokenStore(database)
  for (const name of ['ada', 'bob']) await accounts.add(name, 'reader', 'hash')
  const ended = new TokenRevocations(tokens)
  const now = async () => {
    const known = await snapshot.read()
    await ended.catchUp(known)
    t.ok(ended.isCurrent(known))
    return { epoch: known.epoch, revision: known.authRevision }
  }
  const concerned = (since: { epoch: string; revision: number }) =>
    ['ada', 'bob'].filter((name) => ended.mayBeRevoked(name, since))

  const start = await now()
  t.strictSame(concerned(start), [])
  await tokens.revoke('ada', 'a-token', Date.now() / 1000 + 60)
  const signedOut = await now()
  t.strictSame(concerned(start), ['ada'])
  t.strictSame(concerned(signedOut), [])
  await accounts.setRole('bob', 'editor')
  await now()
  t.strictSame(concerned(signedOut), ['bob'])
  const third = await now()
  await tokens.rotateKeys(generateKey(), '1970', 10)
  await now()
  t.strictSame(concerned(third), [], 'a new key ends no token')

  await tokens.revoke('ada', 'another-token', Date.now() / 1000 + 60)
  await new ExpiryStore(database).remove({ revoked: '9999', failures: '9999' })
  await now()
  t.strictSame(concerned(third), ['ada', 'bob'], 'what is not known any more concerns all')
  const fourth = await now()
  for (let i = 0; i < 1001; i++) await tokens.revoke('ada', `token-${i}`, Date.now() / 1000 + 60)
  await now()
  t.strictSame(concerned(fourth), ['ada', 'bob'], 'too many to look at each')
  const fifth = await now()
  await new InstanceStore(database).renew(generateKey())
  await now()
  t.strictSame(concerned(fifth), ['ada', 'bob'], 'a restored database')
})

onEachEngine('a sign-out does not have the tokens of others verified again', async (t) => {
  const app = await startApp(t)
  const tokens = await Promise.all([app.tokenOf('reader'), app.tokenOf('editor')])
  for (const token of tokens) t.equal((await app.request('/changes', { token })).status, 200)
  const { tokens: store } = app.app.services
  const asked: string[] = []
  const roleBehind = store.findRole.bind(store)
  store.findRole = (claims) => {
    asked.push(claims.sub)
    return roleBehind(claims)
  }
  const { body: other } = await app.signIn({ username: 'reader', password: 'a password for tests' })
  t.equal((await app.request('/auth', { method: 'DELETE', token: other.token })).status, 204)
  for (const token of tokens) t.equal((await app.request('/changes', { token })).status, 200)
  t.strictSame(asked, ['reader', 'reader'], 'the token that ends, and the other of its account')
})
