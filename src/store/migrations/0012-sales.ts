import type { Kysely } from 'kysely'

/** Adds the currency of the catalog, and the time of the next change of a sale. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('catalog')
    .addColumn('currency', 'text', (column) => column.notNull().defaultTo('USD'))
    .execute()
  await db.schema.alterTable('product').addColumn('sale_change', 'text').execute()
  await db.schema
    .createIndex('product_sale_change')
    .on('product')
    .column('sale_change')
    .where('sale_change' as never, 'is not', null)
    .execute()
}
