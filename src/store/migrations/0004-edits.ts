import { randomBytes } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { untyped } from './untyped.js'

/** Adds edits, the history of each product, idempotency keys, and ids for locally created products. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('product_edit')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('base_json', 'text')
    .addColumn('source_hash', 'text', (column) => column.notNull())
    .addColumn('edits', 'text', (column) => column.notNull())
    .addColumn('hidden', 'integer', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('idempotency_key')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('request_hash', 'text', (column) => column.notNull())
    .addColumn('product_id', 'integer', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('product_json', 'text', (column) => column.notNull())
    .addColumn('at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('idempotency_key_key', ['account', 'key'])
    .execute()
  await db.schema.createIndex('idempotency_key_at').on('idempotency_key').column('at').execute()
  await db.schema.alterTable('change').addColumn('account', 'text').execute()
  await db.schema.alterTable('change').addColumn('differences', 'text').execute()
  await db.schema.createIndex('change_product').on('change').columns(['product_id', 'revision']).execute()
  await db.schema.createIndex('product_sku').on('product').column('sku').execute()
  await db.schema
    .alterTable('catalog')
    .addColumn('next_id', 'integer', (column) => column.notNull().defaultTo(1_000_000_000))
    .execute()
  await sql`update product_text set product_json =
    substr(product_json, 1, length(product_json) - 1) || ',"origin":"source","edited":[]}'`.execute(db)
  // The JSON of a revision has changed, so the ETags of cached responses must not match any more.
  const epoch = randomBytes(6).toString('base64url')
  await untyped(db).updateTable('catalog').set({ epoch }).execute()
}
