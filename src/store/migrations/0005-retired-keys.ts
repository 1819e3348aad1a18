import type { Kysely } from 'kysely'

/** Allows several signing keys, of which all but one are retired. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('signing_key').addColumn('retired_at', 'text').execute()
}
