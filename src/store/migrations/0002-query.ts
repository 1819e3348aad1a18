import { randomBytes } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Database } from '../database.js'
import { CHANNEL } from '../postgres/change-listener.js'
import { untyped } from './untyped.js'

/** Adds columns, indexes and tables for filters, sorting and full-text search, and the key that signs cursors. */
export async function up(db: Kysely<unknown>, { dialect, fullText, engine }: Database): Promise<void> {
  await db.schema
    .createTable('product_text')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('summary_json', 'text', (column) => column.notNull())
    .addColumn('product_json', 'text', (column) => column.notNull())
    .execute()
  await sql`insert into product_text select id, summary_json, product_json from product`.execute(db)
  await db.schema.alterTable('product').renameTo('product_before').execute()
  await db.schema
    .createTable('product')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('sku', dialect.text, (column) => column.notNull())
    .addColumn('title_key', dialect.text, (column) => column.notNull())
    .addColumn('category', dialect.text, (column) => column.notNull())
    .addColumn('brand', dialect.text)
    .addColumn('price', 'integer', (column) => column.notNull())
    .addColumn('discount', 'double precision', (column) => column.notNull())
    .addColumn('rating', 'double precision', (column) => column.notNull())
    .addColumn('stock', 'integer', (column) => column.notNull())
    .addColumn('availability', dialect.text, (column) => column.notNull())
    .addColumn('created_at', dialect.text, (column) => column.notNull())
    .addColumn('source_hash', 'text', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .execute()
  await sql`insert into product select id, sku, title, category, brand, price, discount, rating, stock, availability,
    created_at, source_hash, revision from product_before`.execute(db)
  await db.schema.dropTable('product_before').execute()
  // A backward scan of an index returns ties in descending order of ids, so they would have to be sorted. The last two columns have many
  // ties and are usually sorted in descending order.
  const orders = ['price', 'title_key', 'stock', 'created_at', 'discount desc', 'rating desc']
  for (const order of orders) {
    for (const before of [[], ['category']]) {
      const name = ['product', ...before, order.replace(' ', '_'), 'order'].join('_')
      await db.schema
        .createIndex(name)
        .on('product')
        .expression(sql.raw([...before, order, ...dialect.indexEnd].join(', ')))
        .execute()
    }
  }
  // Covering indexes contain all columns to filter by, so that a count does not read the table.
  for (const first of [['category', 'price'], ['brand', 'price'], ['availability', 'price'], ['price']]) {
    const others = ['rating', 'discount', 'availability', 'brand', 'category'].filter((name) => !first.includes(name))
    await db.schema
      .createIndex(['product', ...first, 'filter'].join('_'))
      .on('product')
      .columns([...first, ...others])
      .execute()
  }
  await db.schema
    .createTable('product_tag')
    .addColumn('tag', dialect.text, (column) => column.notNull())
    .addColumn('product_id', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('product_tag_key', ['tag', 'product_id'])
    .execute()
  await db.schema.createIndex('product_tag_product').on('product_tag').column('product_id').execute()
  await fullText.create(db)
  await db.schema
    .alterTable('catalog')
    .addColumn('cursor_key', 'text', (column) => column.notNull().defaultTo(''))
    .execute()
  await db.schema
    .alterTable('catalog')
    .addColumn('derivation', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  const cursor_key = randomBytes(32).toString('base64url')
  await untyped(db).updateTable('catalog').set({ cursor_key }).execute()
  if (engine === 'postgresql') await announceChanges(db)
}

/** Adds triggers that notify all processes of each write to the rows that they cache. */
async function announceChanges(db: Kysely<unknown>): Promise<void> {
  await sql`create function announce_change() returns trigger language plpgsql as
    ${sql.lit(`begin perform pg_notify('${CHANNEL}', ''); return null; end`)}`.execute(db)
  for (const table of ['catalog', 'auth_state', 'source_state']) {
    await sql`create trigger announce_change after insert or update or delete on ${sql.table(table)}
      for each statement execute function announce_change()`.execute(db)
  }
}
