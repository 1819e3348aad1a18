import { SigningKeys } from '../../src/auth/keys.js'
import { openDatabase } from '../../src/store/database.js'
import { migrate } from '../../src/store/migrations.js'
import { TokenStore } from '../../src/store/tokens.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'

onEachEngine('the key is made once and kept', async (t) => {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  await migrate(database)
  const load = async () => {
    const keys = new SigningKeys(new TokenStore(database))
    t.throws(() => keys.current, /not loaded/)
    await keys.load()
    return keys
  }

  const first = await load()
  const second = await load()

  t.strictSame(second.current, first.current)
  t.equal(first.find(first.current.id), first.current)
  t.equal(first.find('other'), undefined)
  t.strictSame(first.public, [first.current.jwk])
})
