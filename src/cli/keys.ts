/* Manages the signing keys of tokens: `catalog keys --help`. */

import { KEYS_MAX } from '../../schemas/auth.js'
import { rotateKeys } from '../auth/signing-keys.js'
import { TokenStore } from '../store/tokens.js'
import { findSubcommand, InputError, parseArguments, UsageError, withDatabase } from './command.js'

export const usage = `Usage: catalog keys COMMAND

  list     lists the keys, the newest first
  rotate   adds a key that signs new tokens; tokens that older keys signed stay valid until they expire

The command uses the database in DATABASE_URL. The service can keep running.
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
      throw new InputError(
        `There are already ${KEYS_MAX} keys whose tokens can still be valid. Rotate the keys less often.`
      )
    }
    return `The key ${id} now signs new tokens.`
  }
}

export async function run(args: string[]): Promise<void> {
  const [name, ...rest] = parseArguments(args, {}).positionals
  const subcommand = findSubcommand(subcommands, name)
  if (rest.length > 0) throw new UsageError('Too many arguments.')
  const result = await withDatabase((database) => subcommand(new TokenStore(database)))
  process.stdout.write(`${result}\n`)
}
