import type { Kysely } from 'kysely'

/** Returns the database without the types of `Tables`: a migration uses the tables as they were at its time. */
export const untyped = (db: Kysely<unknown>) => db as Kysely<Record<string, Record<string, unknown>>>
