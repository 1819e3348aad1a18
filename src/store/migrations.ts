import { randomBytes } from 'node:crypto'
import { type Kysely, type Migration, Migrator } from 'kysely'
import type { Database } from './database.js'

/** The history of the database's shape. A migration that was ever released is not changed any more. */
const migrations: Record<string, Migration> = {
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
  }
}

/** A migration knows the tables of its own time only, not those that the code has types for today. */
const rows = (db: Kysely<unknown>) => db as Kysely<Record<string, Record<string, unknown>>>

/** Brings the database to the shape that the code expects, all or nothing. */
export async function migrate({ write }: Database): Promise<void> {
  const migrator = new Migrator({ db: write, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
