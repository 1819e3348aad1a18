import type { Kysely } from 'kysely'

/** Returns the database without the types of today's tables: a migration sees the tables of its own time. */
export const untyped = (db: Kysely<unknown>) => db as Kysely<Record<string, Record<string, unknown>>>
