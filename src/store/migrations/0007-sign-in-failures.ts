import type { Kysely } from 'kysely'

/** Counts failed sign-ins by client, and stores the addresses that users have signed in from. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // The old rows are not worth keeping: they cover one day at most, and do not contain the client.
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
