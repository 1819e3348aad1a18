import { type RawBuilder, sql } from 'kysely'
import type { Terms } from '../../products/query.js'
import { type FullText, pad, type Scope, similarLengths, splitPrefix, splitWords, toTrigrams } from '../full-text.js'

/** The FTS5 prefix that limits a query to the columns of a scope. */
const columnFilters: Record<Scope, string> = { title: '{title} : ', labels: '{title label} : ', all: '' }

/** Full-text search with FTS5. */
export const sqliteFullText: FullText = {
  async create(db) {
    // `ascii` splits at the spaces between words, and takes all non-ASCII characters for letters.
    await sql`create virtual table search using fts5(title, label, body, content = '', contentless_delete = 1,
      detail = 'column', tokenize = 'ascii', prefix = '1 2 3')`.execute(db)
    await sql`create table word (id integer primary key, word text not null unique)`.execute(db)
    await sql`create virtual table word_trigram using fts5(word, content = '', detail = 'none', tokenize = 'trigram')`.execute(
      db
    )
  },

  async insert(db, documents) {
    const rows = documents.map(
      ({ id, title, label, body }) => sql`(${id}, ${title.join(' ')}, ${label.join(' ')}, ${body.join(' ')})`
    )
    await sql`insert into search (rowid, title, label, body) values ${sql.join(rows)}`.execute(db)
  },

  async remove(db, ids) {
    await sql`delete from search where rowid in (${sql.join(ids)})`.execute(db)
  },

  whereMatching(terms: Terms, scope: Scope): RawBuilder<{ id: number }> {
    const parts = terms.map((alternatives) => {
      const words = alternatives.map(splitPrefix).map(([word, end]) => `"${word}"${end}`)
      return `(${words.join(' OR ')})`
    })
    const match = `${columnFilters[scope]}(${parts.join(' AND ')})`
    return sql`select rowid as id from search where search match ${match}`
  },

  async addWords(db, words) {
    const rows = words.map((word) => sql`(${word})`)
    const { rows: added } = await sql<{ id: number; word: string }>`insert into word (word) values ${sql.join(rows)}
      on conflict do nothing returning id, word`.execute(db)
    if (added.length === 0) return
    const trigrams = added.map(({ id, word }) => sql`(${id}, ${pad(word)})`)
    await sql`insert into word_trigram (rowid, word) values ${sql.join(trigrams)}`.execute(db)
  },

  async findSimilarWords(db, word) {
    const [shortest, longest] = similarLengths(word)
    const trigrams = toTrigrams(word).map((trigram) => `"${trigram}"`)
    const { rows } = await sql<{ words: string | null }>`select string_agg(word, ' ') as words from word where id in
      (select rowid from word_trigram where word_trigram match ${trigrams.join(' OR ')})
      and length(word) between ${shortest} and ${longest}`.execute(db)
    return splitWords(rows[0]?.words)
  }
}
