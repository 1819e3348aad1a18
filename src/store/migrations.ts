import { randomBytes } from 'node:crypto'
import { type Kysely, type Migration, Migrator, sql } from 'kysely'
import type { Database } from './database.js'
import { ConnectionError, UnknownMigrationError } from './failures.js'
import { CHANNEL } from './postgres/database.js'

/** The history of the database's shape. A migration that was ever released is not changed any more. */
export const migrations = ({ dialect, fullText, engine }: Database): Record<string, Migration> => ({
  '0001-first': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('product')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('sku', 'text', (column) => column.notNull())
        .addColumn('title', 'text', (column) => column.notNull())
        .addColumn('category', 'text', (column) => column.notNull())
        .addColumn('brand', 'text')
        .addColumn('price', 'integer', (column) => column.notNull())
        .addColumn('discount', 'real', (column) => column.notNull())
        .addColumn('rating', 'real', (column) => column.notNull())
        .addColumn('stock', 'integer', (column) => column.notNull())
        .addColumn('availability', 'text', (column) => column.notNull())
        .addColumn('created_at', 'text', (column) => column.notNull())
        .addColumn('summary_json', 'text', (column) => column.notNull())
        .addColumn('product_json', 'text', (column) => column.notNull())
        .addColumn('source_hash', 'text', (column) => column.notNull())
        .addColumn('revision', 'integer', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('product_category').on('product').column('category').execute()
      await db.schema
        .createTable('change')
        .addColumn('revision', 'integer', (column) => column.primaryKey())
        .addColumn('product_id', 'integer', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('fields', 'text', (column) => column.notNull())
        .addColumn('origin', 'text', (column) => column.notNull())
        .addColumn('at', 'text', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('catalog')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('revision', 'integer', (column) => column.notNull())
        .addColumn('epoch', 'text', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('source_state')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('last_success', 'text')
        .addColumn('last_error', 'text')
        .addColumn('quarantined', 'integer', (column) => column.notNull())
        .addColumn('sample', 'integer', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('account')
        .addColumn('username', 'text', (column) => column.primaryKey())
        .addColumn('password_hash', 'text', (column) => column.notNull())
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('created_at', 'text', (column) => column.notNull())
        .addColumn('generation', 'text', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('sign_in_failure')
        .addColumn('username', 'text', (column) => column.primaryKey())
        .addColumn('failures', 'integer', (column) => column.notNull())
        .addColumn('locked_until', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'text', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('auth_state')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('revision', 'integer', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('revoked_token')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('expires_at', 'text', (column) => column.notNull())
        .execute()
      await db.schema
        .createTable('signing_key')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('private_key', 'text', (column) => column.notNull())
        .addColumn('created_at', 'text', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('sign_in_failure_expiry').on('sign_in_failure').column('expires_at').execute()
      await db.schema.createIndex('revoked_token_expiry').on('revoked_token').column('expires_at').execute()
      const epoch = randomBytes(6).toString('base64url')
      await rows(db).insertInto('catalog').values({ id: 1, revision: 0, epoch }).execute()
      await rows(db).insertInto('auth_state').values({ id: 1, revision: 0 }).execute()
      await rows(db).insertInto('source_state').values({ id: 1, quarantined: 0, sample: 0 }).execute()
    }
  },

  '0002-query': {
    async up(db: Kysely<unknown>) {
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
      // An index can be read backwards, but then ties have to be sorted. The last two have many, and shops show the best first.
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
      // With all that is filtered by in them, so that products can be counted without looking at them.
      for (const first of [['category', 'price'], ['brand', 'price'], ['availability', 'price'], ['price']]) {
        const others = ['rating', 'discount', 'availability', 'brand', 'category'].filter(
          (name) => !first.includes(name)
        )
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
      await rows(db).updateTable('catalog').set({ cursor_key }).execute()
      if (engine === 'postgresql') await announceChanges(db)
    }
  },

  '0003-facts': {
    async up(db: Kysely<unknown>) {
      // The indexes go with their table. What is filtered and sorted by is made anew from the products.
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
  },

  '0004-edits': {
    async up(db: Kysely<unknown>) {
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
      // Answers differ from what they were at the same revision.
      const epoch = randomBytes(6).toString('base64url')
      await rows(db).updateTable('catalog').set({ epoch }).execute()
    }
  },

  '0005-retired-keys': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('signing_key').addColumn('retired_at', 'text').execute()
    }
  },

  '0006-instance': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('instance')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('identity', 'text')
        .addColumn('seen_at', 'text')
        .execute()
      await rows(db).insertInto('instance').values({ id: 1 }).execute()
    }
  },

  '0007-sign-in-failures': {
    async up(db: Kysely<unknown>) {
      // Failures of a day at most, and without the client that caused them.
      await db.schema.dropTable('sign_in_failure').execute()
      await db.schema
        .createTable('sign_in_failure')
        .addColumn('username', 'text', (column) => column.notNull())
        .addColumn('client', 'text', (column) => column.notNull())
        .addColumn('failures', 'integer', (column) => column.notNull())
        .addColumn('locked_until', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('sign_in_failure_key', ['username', 'client'])
        .execute()
      await db.schema.createIndex('sign_in_failure_expiry').on('sign_in_failure').column('expires_at').execute()
      await db.schema
        .createTable('known_address')
        .addColumn('username', 'text', (column) => column.notNull())
        .addColumn('address', 'text', (column) => column.notNull())
        .addColumn('signed_in_at', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('known_address_key', ['username', 'address'])
        .execute()
    }
  },

  '0008-sources': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('source')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull().unique())
        .execute()
      const names = ['local', 'sample']
      await rows(db)
        .insertInto('source')
        .values(names.map((name, id) => ({ id, name })))
        .execute()
      await db.schema
        .createTable('source_product')
        .addColumn('source', 'integer', (column) => column.notNull())
        .addColumn('external_id', dialect.text, (column) => column.notNull())
        .addColumn('id', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('source_product_key', ['source', 'external_id'])
        .execute()
      await db.schema.createIndex('source_product_id').on('source_product').column('id').execute()
      for (const table of ['product', 'change'])
        await db.schema
          .alterTable(table)
          .addColumn('source', 'integer', (column) => column.notNull().defaultTo(0))
          .execute()

      // Which source was read was not stored: it is the first that is read from now on.
      const state = await rows(db).selectFrom('source_state').selectAll().executeTakeFirstOrThrow()
      const isRead = state.last_success !== null
      if (isRead) await rows(db).insertInto('source').values({ id: 2, name: '' }).execute()
      const source = isRead ? 2 : 1
      const first = 1_000_000_000
      await sql`update product set source = ${source} where id < ${first}`.execute(db)
      await sql`update change set source = ${source} where product_id < ${first}`.execute(db)
      // What came before the first reading was about the sample.
      await sql`update change set source = 1 where product_id < ${first}
        and exists (select 1 from change as seed where seed.origin = 'sample')
        and revision < (select min(revision) from change as reading where reading.origin = 'source')`.execute(db)
      await db.schema.alterTable('product_edit').renameTo('product_edit_before').execute()
      await db.schema
        .createTable('product_edit')
        .addColumn('source', 'integer', (column) => column.notNull())
        .addColumn('id', 'integer', (column) => column.notNull())
        .addColumn('base_json', 'text')
        .addColumn('source_hash', 'text', (column) => column.notNull())
        .addColumn('edits', 'text', (column) => column.notNull())
        .addColumn('hidden', 'integer', (column) => column.notNull())
        .addColumn('revision', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('product_edit_key', ['source', 'id'])
        .execute()
      await sql`insert into product_edit (source, id, base_json, source_hash, edits, hidden, revision)
        select ${source}, id, base_json, source_hash, edits, hidden, revision from product_edit_before`.execute(db)
      await db.schema.dropTable('product_edit_before').execute()
      await sql`insert into source_product (source, external_id, id)
        select source, cast(product_id as text), product_id from (
          select source, product_id from change union
          select source, id from product union
          select source, id from product_edit) as known
        where product_id < ${first}`.execute(db)
      await db.schema.alterTable('source_state').addColumn('source', 'integer').execute()
      if (isRead || state.sample === 1) await rows(db).updateTable('source_state').set({ source }).execute()
      await db.schema.alterTable('source_state').dropColumn('sample').execute()
    }
  },

  '0009-auth-changes': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('auth_change')
        .addColumn('revision', 'integer', (column) => column.primaryKey())
        .addColumn('username', 'text')
        .addColumn('at', 'text', (column) => column.notNull())
        .execute()
    }
  },

  '0010-rendering': {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('catalog').renameColumn('derivation', 'rendering').execute()
    }
  }
})

/** Has every transaction that changes what all processes remember of the database say so. */
async function announceChanges(db: Kysely<unknown>): Promise<void> {
  await sql`create function announce_change() returns trigger language plpgsql as
    ${sql.lit(`begin perform pg_notify('${CHANNEL}', ''); return null; end`)}`.execute(db)
  for (const table of ['catalog', 'auth_state', 'source_state']) {
    await sql`create trigger announce_change after insert or update or delete on ${sql.table(table)}
      for each statement execute function announce_change()`.execute(db)
  }
}

/** A migration knows the tables of its own time only, not those that the code has types for today. */
const rows = (db: Kysely<unknown>) => db as Kysely<Record<string, Record<string, unknown>>>

/**
 * Connects to the database and brings it to the shape that the code expects, all or nothing. Writes only if there is something
 * to do.
 * @throws {ConnectionError}
 * @throws {UnknownMigrationError}
 */
export async function migrate(database: Database): Promise<void> {
  try {
    await sql`select 1`.execute(database.read)
  } catch (error) {
    throw new ConnectionError(error as Error)
  }
  const all = migrations(database)
  if (await isUpToDate(database, Object.keys(all))) return
  const provider = { getMigrations: async () => all }
  const migrator = new Migrator({ db: database.write, provider })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

/** Returns whether all migrations were carried out. @throws {UnknownMigrationError} if others were, too. */
async function isUpToDate({ read }: Database, names: string[]): Promise<boolean> {
  // Without the table nothing was carried out yet. If anything else is wrong with the database, the migration tells.
  const done = await sql<{ name: string }>`select name from kysely_migration`.execute(read).catch(() => ({ rows: [] }))
  const unknown = done.rows.find(({ name }) => !names.includes(name))
  if (unknown) throw new UnknownMigrationError(unknown.name)
  return done.rows.length === names.length
}
