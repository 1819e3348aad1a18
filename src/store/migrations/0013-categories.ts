import type { Kysely } from 'kysely'
import type { Database } from '../database.js'

/** Adds the tables of categories: what the source says about them, and what editors have set. */
export async function up(db: Kysely<unknown>, { dialect }: Database): Promise<void> {
  await db.schema
    .createTable('category')
    .addColumn('slug', dialect.text, (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('parent', 'text')
    .execute()
  await db.schema
    .createTable('category_edit')
    .addColumn('slug', dialect.text, (column) => column.primaryKey())
    .addColumn('name', 'text')
    .addColumn('parent', 'text')
    .addColumn('position', 'integer')
    .execute()
}
