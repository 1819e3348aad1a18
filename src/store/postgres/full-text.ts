import { type RawBuilder, sql } from 'kysely'
import type { Terms } from '../../products/query.js'
import { type FullText, type Scope, similarLengths, splitPrefix, splitWords, toTrigrams } from '../full-text.js'

/** The tsvector weights of the fields of a scope. */
const weights: Record<Scope, string> = { title: 'A', labels: 'AB', all: 'ABD' }

/**
 * Full-text search with tsvector, and similar spellings with an index of trigrams. It does not use pg_trgm, which finds no letters except
 * ASCII in databases with the locale C.
 */
export const postgresFullText: FullText = {
  async create(db) {
    await sql`create table search (id integer primary key, words tsvector not null)`.execute(db)
    await sql`create index search_words on search using gin (words)`.execute(db)
    await sql`create table word (word text collate "C" primary key, trigrams text[] collate "C" not null)`.execute(db)
    await sql`create index word_trigram on word using gin (trigrams)`.execute(db)
  },

  async insert(db, documents) {
    const rows = documents.map(({ id, title, label, body }) => {
      const words = [...title.map((word) => `${word}:1A`), ...label.map((word) => `${word}:1B`)]
      // The position is required: a word without one would match queries for any weight.
      words.push(...body.map((word) => `${word}:1D`))
      return sql`(${id}::integer, ${words.join(' ')}::tsvector)`
    })
    await sql`insert into search (id, words) values ${sql.join(rows)}`.execute(db)
  },

  async remove(db, ids) {
    await sql`delete from search where id in (${sql.join(ids)})`.execute(db)
  },

  whereMatching(terms: Terms, scope: Scope): RawBuilder<{ id: number }> {
    const parts = terms.map((alternatives) => {
      const words = alternatives.map(splitPrefix).map(([word, end]) => `${word}:${end}${weights[scope]}`)
      return `(${words.join(' | ')})`
    })
    return sql`select id from search where words @@ ${parts.join(' & ')}::tsquery`
  },

  async addWords(db, words) {
    const rows = words.map((word) => sql`(${word}, ${toTrigrams(word)}::text[])`)
    await sql`insert into word (word, trigrams) values ${sql.join(rows)} on conflict do nothing`.execute(db)
  },

  async findSimilarWords(db, word) {
    // A word has one trigram more than letters. `length` would count bytes in databases with the encoding SQL_ASCII.
    const [shortest, longest] = similarLengths(word).map((length) => length + 1) as [number, number]
    const { rows } = await sql<{ words: string | null }>`select string_agg(word, ' ') as words from word
      where trigrams && ${toTrigrams(word)}::text[] and cardinality(trigrams) between ${shortest}::integer and ${longest}::integer`.execute(
      db
    )
    return splitWords(rows[0]?.words)
  }
}
