import { type Kysely, sql } from 'kysely'
import type { Database } from '../database.js'

/** Replaces the columns and indexes for filters and sorting by one JSON column, from which the in-memory index is built. */
export async function up(db: Kysely<unknown>, { dialect }: Database): Promise<void> {
  // Dropping the old table drops its indexes. `rebuildStoredForms` then fills `facts`.
  await db.schema.alterTable('product').renameTo('product_before').execute()
  await db.schema
    .createTable('product')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('sku', dialect.text, (column) => column.notNull())
    .addColumn('facts', 'text', (column) => column.notNull())
    .addColumn('source_hash', 'text', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .execute()
  await sql`insert into product select id, sku, '', source_hash, revision from product_before`.execute(db)
  await db.schema.dropTable('product_before').execute()
  await db.schema.dropTable('product_tag').execute()
  await db.schema
    .alterTable('product_text')
    .addColumn('revision', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await sql`update product_text set revision = product.revision from product
    where product.id = product_text.id`.execute(db)
}
