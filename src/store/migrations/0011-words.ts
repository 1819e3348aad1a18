import { type Kysely, sql } from 'kysely'
import type { Database } from '../database.js'

/** Creates the tables of the full-text search anew, because words have other forms. The next rebuild of the stored forms fills them. */
export async function up(db: Kysely<unknown>, { fullText }: Database): Promise<void> {
  for (const table of ['search', 'word', 'word_trigram'])
    await sql`drop table if exists ${sql.table(table)}`.execute(db)
  await fullText.create(db)
}
