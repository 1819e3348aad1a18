import type { Kysely } from 'kysely'

/** Adds the currency of the catalog, the time of the next change of a sale, and products that only editors see. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('catalog')
    .addColumn('currency', 'text', (column) => column.notNull().defaultTo('USD'))
    .execute()
  for (const table of ['product_text', 'change']) {
    await db.schema
      .alterTable(table)
      .addColumn('is_public', 'integer', (column) => column.notNull().defaultTo(1))
      .execute()
  }
  await db.schema.alterTable('product').addColumn('sale_change', 'text').execute()
  await db.schema
    .createIndex('product_sale_change')
    .on('product')
    .column('sale_change')
    .where('sale_change' as never, 'is not', null)
    .execute()
}
