import { Migrator, sql } from 'kysely'
import type { Database } from './database.js'
import { ConnectionError, UnknownMigrationError } from './errors.js'
import { migrations } from './migrations/list.js'

/**
 * Connects to the database and runs the migrations that it lacks, all or none. Writes nothing if it is up to date.
 * @throws {ConnectionError}
 * @throws {UnknownMigrationError}
 */
export async function migrate(database: Database): Promise<void> {
  try {
    await sql`select 1`.execute(database.read)
  } catch (error) {
    throw new ConnectionError(error as Error)
  }
  const all = migrations(database)
  if (await isUpToDate(database, Object.keys(all))) return
  const provider = { getMigrations: async () => all }
  const migrator = new Migrator({ db: database.write, provider })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

/** Returns whether the database has run all migrations. @throws {UnknownMigrationError} if it has run an unknown migration. */
async function isUpToDate({ read }: Database, names: string[]): Promise<boolean> {
  // A new database has no such table. If the query fails for another reason, the migration fails too and reports it.
  const applied = await sql<{ name: string }>`select name from kysely_migration`
    .execute(read)
    .catch(() => ({ rows: [] }))
  const unknown = applied.rows.find(({ name }) => !names.includes(name))
  if (unknown) throw new UnknownMigrationError(unknown.name)
  return applied.rows.length === names.length
}
