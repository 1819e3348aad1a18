/* Tells the service that its database was restored from a backup: `catalog restored --help`. */

import { generateKey } from '../auth/signing-keys.js'
import { InstanceStore } from '../store/instance.js'
import { parseArguments, UsageError, withMigrated } from './command.js'

export const usage = `Usage: catalog restored

  Run this after you restored the database in DATABASE_URL in a way that the service does not recognize by itself: from a
  snapshot of the volume, by point-in-time recovery, or by a dump of the data alone. It gives the catalog a new epoch and
  replaces the signing keys. The service may go on running.
`

export async function run(args: string[]): Promise<void> {
  if (parseArguments(args, {}).positionals.length > 0) throw new UsageError('There are too many arguments.')
  const epoch = await withMigrated((database) => new InstanceStore(database).renew(generateKey()))
  process.stdout.write(
    `The catalog has the new epoch ${epoch}, and a new key signs tokens. All earlier tokens, ETags, cursors and event ids are ` +
      'refused from now on. Users have to sign in again; clients that follow the changes have to start over.\n'
  )
}
