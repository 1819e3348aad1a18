import { realpathSync } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseDatabaseUrl } from '../store/open-database.js'
import { FirstAccountError } from './accounts.js'

/** Path of the password file if the database is PostgreSQL. */
const POSTGRES_PATH = 'var/initial-password'

/**
 * Returns the path of the file for the password of the first account. With SQLite, the file is next to the database file and named after
 * it, so that several databases can share a folder.
 * @param databaseUrl The database file must exist.
 */
export function initialPasswordPath(databaseUrl: string): string {
  const path = parseDatabaseUrl(databaseUrl)
  return path === undefined ? resolve(POSTGRES_PATH) : `${realpathSync(path)}-initial-password`
}

/**
 * Writes a password to a new file that only its owner can read. An existing file or link is not overwritten.
 * @throws {FirstAccountError} if the file exists or cannot be written.
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
      `The first account was not created, because its password cannot be written to a file: ${message}. ${remedy}, or set ADMIN_PASSWORD.`
    )
  }
}
