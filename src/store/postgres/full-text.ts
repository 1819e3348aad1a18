import { type RawBuilder, sql } from 'kysely'
import type { Terms } from '../../products/query.js'
import { type FullText, type Scope, similarLengths, splitWords } from '../full-text.js'

/** The tsvector weights of the fields of a scope. */
const weights: Record<Scope, string> = { title: 'A', labels: 'AB', all: 'ABD' }

/** Similarity threshold of pg_trgm. Any two words that share a trigram exceed it. */
const SIMILARITY_MIN = 0.001

/** Full-text search with tsvector, and similar spellings with pg_trgm. */
export const postgresFullText: FullText = {
  async create(db) {
    await sql`create extension if not exists pg_trgm`.execute(db)
    await sql`create table search (id integer primary key, words tsvector not null)`.execute(db)
    await sql`create index search_words on search using gin (words)`.execute(db)
    await sql`create table word (word text collate "C" primary key)`.execute(db)
    await sql`create index word_trigram on word using gin (word gin_trgm_ops)`.execute(db)
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
    const parts = terms.map((alternatives, i) => {
      const suffix = `:${i === terms.length - 1 ? '*' : ''}${weights[scope]}`
      return `(${alternatives.map((word) => word + suffix).join(' | ')})`
    })
    return select(parts.join(' & '))
  },

  whereWord: (word) => select(word),

  async addWords(db, words) {
    const rows = words.map((word) => sql`(${word})`)
    await sql`insert into word (word) values ${sql.join(rows)} on conflict do nothing`.execute(db)
  },

  async findSimilarWords(db, word) {
    // The setting applies to one transaction only.
    if (!db.isTransaction) return await db.transaction().execute((db) => this.findSimilarWords(db, word))
    await sql`select set_config('pg_trgm.similarity_threshold', ${String(SIMILARITY_MIN)}, true)`.execute(db)
    const [shortest, longest] = similarLengths(word)
    const { rows } = await sql<{ words: string | null }>`select string_agg(word, ' ') as words from word
      where word % ${word} and length(word) between ${shortest}::integer and ${longest}::integer`.execute(db)
    return splitWords(rows[0]?.words)
  }
}

const select = (query: string) => sql<{ id: number }>`select id from search where words @@ ${query}::tsquery`
