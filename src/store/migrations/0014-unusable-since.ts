import type { Kysely } from 'kysely'

/** Adds the time since when a source sends a product in a form that cannot be used. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('source_product').addColumn('unusable_since', 'text').execute()
  await db.schema
    .createIndex('source_product_unusable')
    .on('source_product')
    .columns(['source', 'unusable_since'])
    .where('unusable_since' as never, 'is not', null)
    .execute()
}
