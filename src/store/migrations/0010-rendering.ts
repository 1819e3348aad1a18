import type { Kysely } from 'kysely'

/** Renames the column that holds the version of the rendering. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('catalog').renameColumn('derivation', 'rendering').execute()
}
