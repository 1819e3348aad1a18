import { realpathSync } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseDatabaseUrl } from '../store/open-database.js'
import { FirstAccountError } from './accounts.js'

/** Path of the file if the database is on PostgreSQL: there is no database file to put it beside. */
const WITHOUT_FILE = 'var/initial-password'

/**
 * Returns the path of the file for the password of the first account. With SQLite it is beside the database, and named after it, so
 * that each database in a folder has its own.
 * @param databaseUrl Of a database that was opened before.
 */
export function initialPasswordPath(databaseUrl: string): string {
  const path = parseDatabaseUrl(databaseUrl)
  return path === undefined ? resolve(WITHOUT_FILE) : `${realpathSync(path)}-initial-password`
}

/**
 * Writes a password to a new file that only its owner can read. A file or link that exists already is not touched.
 * @throws {FirstAccountError}
 */
export async function writeInitialPassword(path: string, password: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(`${password}\n`)
      await file.sync()
    } catch (error) {
      await rm(path, { force: true })
      throw error
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const remedy = code === 'EEXIST' ? 'Delete that file' : 'Make that folder writable'
    throw new FirstAccountError(
      `The password of the first account cannot be written to a file, so no account was made: ${message}. ${remedy}, or set ADMIN_PASSWORD.`
    )
  }
}
