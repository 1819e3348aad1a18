import type { Kysely } from 'kysely'

/** Logs which account each revision of `auth_state` concerns. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('auth_change')
    .addColumn('revision', 'integer', (column) => column.primaryKey())
    .addColumn('username', 'text')
    .addColumn('at', 'text', (column) => column.notNull())
    .execute()
}
