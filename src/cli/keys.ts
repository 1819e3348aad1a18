/* Manages the keys that sign tokens, in the database that DATABASE_URL names, also while the service runs: `catalog keys --help`. */

import { KEYS_MAX } from '../../schemas/auth.js'
import { rotateKeys } from '../auth/signing-keys.js'
import { TokenStore } from '../store/tokens.js'
import { findSubcommand, InputError, parseArguments, UsageError, withDatabase } from './command.js'

export const usage = `Usage: catalog keys COMMAND

  list     lists the keys, the newest first
  rotate   has a new key sign tokens from now on; those of the keys before it stay valid until they expire

The keys are those in DATABASE_URL. The service may go on running.
`

const subcommands: Record<string, (store: TokenStore) => Promise<string>> = {
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

export async function run(args: string[]): Promise<void> {
  const [name, ...rest] = parseArguments(args, {}).positionals
  const subcommand = findSubcommand(subcommands, name)
  if (rest.length > 0) throw new UsageError('There are too many arguments.')
  const answer = await withDatabase((database) => subcommand(new TokenStore(database)))
  process.stdout.write(`${answer}\n`)
}
