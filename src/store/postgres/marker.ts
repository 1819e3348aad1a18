import { sql } from 'kysely'
import type { Marker } from '../database.js'

/**
 * Identifies a database by its cluster, its OID, and the OID of the table `catalog`. A dump contains none of them, so a restored database
 * has others. Migrations must never recreate the table `catalog`: its OID would change.
 */
export const postgresMarker: Marker = {
  async isRestored(db, { identity }) {
    return identity !== null && identity !== (await this.mark(db))
  },

  async mark(db) {
    // Hardened servers do not let ordinary roles call the function. The identity then consists of the OIDs alone.
    const allowed = sql<boolean>`has_function_privilege('pg_control_system()', 'execute')`.as('allowed')
    const { allowed: isAllowed } = await db.selectNoFrom(allowed).executeTakeFirstOrThrow()
    const cluster = isAllowed ? sql`(select system_identifier from pg_control_system())` : sql`'-'`
    const identity = sql<string>`concat_ws(':', ${cluster},
      (select oid from pg_database where datname = current_database()), 'catalog'::regclass::oid)`
    return (await db.selectNoFrom(identity.as('identity')).executeTakeFirstOrThrow()).identity
  }
}
