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
import { createDatabase, onOneEngine } from '../helpers/engines.js'

async function open(t: Test): Promise<Database> {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  await migrate(database)
  return database
}

onOneEngine('a revocation concerns only its account, and an incomplete log concerns all accounts', async (t) => {
  const database = await open(t)
  const snapshot = new StateCache(database)
  const accounts = new AccountStore(database)
  const tokens = new TokenStore(database)
  for (const name of ['ada', 'bob']) await accounts.add(name, 'reader', 'hash')
  const revocations = new TokenRevocations(tokens)
  const now = async () => {
    const known = await snapshot.read()
    await revocations.catchUp(known)
    t.ok(revocations.isCurrent(known))
    return { epoch: known.epoch, revision: known.authRevision }
  }
  const affected = (since: { epoch: string; revision: number }) =>
    ['ada', 'bob'].filter((name) => revocations.mayBeRevoked(name, since))

  const start = await now()
  t.strictSame(affected(start), [])
  await tokens.revoke('ada', 'a-token', Date.now() / 1000 + 60)
  const signedOut = await now()
  t.strictSame(affected(start), ['ada'])
  t.strictSame(affected(signedOut), [])
  await accounts.setRole('bob', 'editor')
  await now()
  t.strictSame(affected(signedOut), ['bob'])
  const third = await now()
  await tokens.rotateKeys(generateKey(), '1970', 10)
  await now()
  t.strictSame(affected(third), [], 'a new key revokes no token')

  await tokens.revoke('ada', 'another-token', Date.now() / 1000 + 60)
  await new ExpiryStore(database).remove({ revoked: '9999', failures: '9999' })
  await now()
  t.strictSame(affected(third), ['ada', 'bob'], 'a removed revocation affects all accounts')
  const fourth = await now()
  for (let i = 0; i < 1001; i++) await tokens.revoke('ada', `token-${i}`, Date.now() / 1000 + 60)
  await now()
  t.strictSame(affected(fourth), ['ada', 'bob'], 'too many revocations to check each')
  const fifth = await now()
  await new InstanceStore(database).renew(generateKey())
  await now()
  t.strictSame(affected(fifth), ['ada', 'bob'], 'a restored database')
})

onOneEngine('after a sign-out, only tokens of the same account are verified again', async (t) => {
  const app = await startApp(t)
  const tokens = await Promise.all([app.tokenOf('reader'), app.tokenOf('editor')])
  for (const token of tokens) t.equal((await app.request('/changes', { token })).status, 200)
  const { tokens: store } = app.app.services
  const verified: string[] = []
  const findRole = store.findRole.bind(store)
  store.findRole = (claims) => {
    verified.push(claims.sub)
    return findRole(claims)
  }
  const { body: other } = await app.signIn({ username: 'reader', password: 'a password for tests' })
  t.equal((await app.request('/auth', { method: 'DELETE', token: other.token })).status, 204)
  for (const token of tokens) t.equal((await app.request('/changes', { token })).status, 200)
  t.strictSame(verified, ['reader', 'reader'], 'the revoked token and the other token of its account')
})
