import type { Kysely } from 'kysely'

/** Lets several signing keys exist, of which all but one are retired. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('signing_key').addColumn('retired_at', 'text').execute()
}
