/* Tells the service that its database was restored from a backup: `catalog restored --help`. */

import { generateKey } from '../auth/signing-keys.js'
import { InstanceStore } from '../store/instance.js'
import { parseArguments, UsageError, withMigrated } from './command.js'

export const usage = `Usage: catalog restored

Run this after you restore the database in DATABASE_URL in a way that the service does not detect: from a snapshot of
the volume, by point-in-time recovery, from a dump of the data alone, or from a dump made before the first start of
0.2.0. The command gives the catalog a new epoch and replaces the signing keys. The service can keep running.
`

export async function run(args: string[]): Promise<void> {
  if (parseArguments(args, {}).positionals.length > 0) throw new UsageError('Too many arguments.')
  const epoch = await withMigrated((database) => new InstanceStore(database).renew(generateKey()))
  process.stdout.write(
    `The catalog now has the epoch ${epoch} and a new signing key. Earlier tokens, ETags, cursors and event IDs are no longer valid. ` +
      'Users must sign in again. Clients that follow the changes must start over.\n'
  )
}
