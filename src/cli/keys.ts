/* Manages the keys that sign tokens, in the database that DATABASE_URL names, also while the service runs: `npm run keys -- help`. */

import { KEYS_MAX } from '../../schemas/auth.js'
import { rotateKeys } from '../auth/keys.js'
import { TokenStore } from '../store/tokens.js'
import { InputError, runCommand, withDatabase } from './input.js'

const USAGE = `Usage: npm run keys -- COMMAND

  list     lists the keys, the newest first
  rotate   has a new key sign tokens from now on; those of the keys before it stay valid until they expire

The keys are those in DATABASE_URL. The service may go on running.
`

const commands: Record<string, (store: TokenStore) => Promise<string>> = {
  async list(store) {
    const keys = await store.keys()
    return keys
      .map(
        ({ id, createdAt, retiredAt }) => `${id}\tsince ${createdAt}\t${retiredAt ? `retired ${retiredAt}` : 'signs'}`
      )
      .join('\n')
  },

  async rotate(store) {
    const id = await rotateKeys(store)
    if (id === undefined) {
      throw new InputError(`There are ${KEYS_MAX} keys already whose tokens may still be valid. Rotate less often.`)
    }
    return `New tokens are signed by ${id}.`
  }
}

await runCommand(async (args) => {
  const [name = '', ...rest] = args
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command || rest.length > 0) throw new InputError(USAGE)
  const answer = await withDatabase((database) => command(new TokenStore(database)))
  process.stdout.write(`${answer}\n`)
})
