import { type Kysely, sql } from 'kysely'
import type { Database } from '../database.js'
import { untyped } from './untyped.js'

/** Adds the table of sources, the source of each product, change and edit, and the map from external ids to product ids. */
export async function up(db: Kysely<unknown>, { dialect }: Database): Promise<void> {
  await db.schema
    .createTable('source')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .execute()
  const names = ['local', 'sample']
  await untyped(db)
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

  // Earlier releases did not store the URL of their source. The next source that is read takes over the unnamed row.
  const state = await untyped(db).selectFrom('source_state').selectAll().executeTakeFirstOrThrow()
  const isRead = state.last_success !== null
  if (isRead) await untyped(db).insertInto('source').values({ id: 2, name: '' }).execute()
  const source = isRead ? 2 : 1
  const first = 1_000_000_000
  await sql`update product set source = ${source} where id < ${first}`.execute(db)
  await sql`update change set source = ${source} where product_id < ${first}`.execute(db)
  // Changes before the first sync concern the sample.
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
  if (isRead || state.sample === 1) await untyped(db).updateTable('source_state').set({ source }).execute()
  await db.schema.alterTable('source_state').dropColumn('sample').execute()
}
