import type { Kysely } from 'kysely'
import { untyped } from './untyped.js'

/** Adds the identity of the database, which is used to detect a restore from a backup. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('instance')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('identity', 'text')
    .addColumn('seen_at', 'text')
    .execute()
  await untyped(db).insertInto('instance').values({ id: 1 }).execute()
}
