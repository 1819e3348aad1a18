import type { Kysely } from 'kysely'

/** Adds the position that a source gives a category. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('category').addColumn('position', 'integer').execute()
}
