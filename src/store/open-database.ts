import { resolve } from 'node:path'
import type { ConnectionReport, Database } from './database.js'
import { describePostgresUrl, openPostgres, parsePostgresUrl } from './postgres/database.js'
import { openSqlite, toPath } from './sqlite/database.js'

const FILE = 'file:'

/**
 * Returns the path of the SQLite file that a URL names; undefined if it names a PostgreSQL database.
 * @throws if the URL is malformed. The error may contain the URL, and with it a password.
 */
export function parseDatabaseUrl(url: string): string | undefined {
  if (url.startsWith(FILE)) return toPath(url.slice(FILE.length))
  parsePostgresUrl(url)
  return undefined
}

/** Describes the database of a valid URL in messages: the absolute path of its file, or its name and server. Contains no password. */
export function describeDatabase(url: string): string {
  return url.startsWith(FILE) ? resolve(toPath(url.slice(FILE.length))) : describePostgresUrl(url)
}

/**
 * Returns the database of a URL: `file:` and a path for SQLite, `postgresql:` for a server. Opens no connection and creates no file
 * before the first query.
 * @param report Called when the connection to a server is lost, and after a reconnect.
 */
export function openDatabase(url: string, report: ConnectionReport = () => {}): Database {
  return url.startsWith(FILE) ? openSqlite(url.slice(FILE.length)) : openPostgres(url, report)
}
