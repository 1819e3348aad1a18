import { sql } from 'kysely'
import type { Marker } from '../database.js'

/**
 * Marks a database by the identifier of its cluster and the OIDs of the database and of the table `catalog`. A dump contains none of
 * them, so a restored database has others. For the same reason, no migration may create the table `catalog` anew.
 */
export const postgresMarker: Marker = {
  async isRestored(db, { identity }) {
    return identity !== null && identity !== (await this.mark(db))
  },

  async mark(db) {
    // Hardened servers revoke the function from ordinary roles. The identity then consists of the OIDs alone.
    const allowed = sql<boolean>`has_function_privilege('pg_control_system()', 'execute')`.as('allowed')
    const { allowed: isAllowed } = await db.selectNoFrom(allowed).executeTakeFirstOrThrow()
    const cluster = isAllowed ? sql`(select system_identifier from pg_control_system())` : sql`'-'`
    const identity = sql<string>`concat_ws(':', ${cluster},
      (select oid from pg_database where datname = current_database()), 'catalog'::regclass::oid)`
    return (await db.selectNoFrom(identity.as('identity')).executeTakeFirstOrThrow()).identity
  }
}
