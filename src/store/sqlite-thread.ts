/*
 * The thread that writes to SQLite files. Its calls are synchronous, and some take long: to commit is to wait for the disk,
 * and the commit that makes the log too large also copies it into the file. Here they hold up no request.
 */
import { statSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { SqliteDatabase } from 'kysely'
import { openFile } from './sqlite-file.js'

/** What the thread is asked to do, on the file that was opened under this number. */
export type Task =
  | { kind: 'open'; path: string }
  | { kind: 'close' }
  /** A statement inside a transaction, or one that begins or ends it. */
  | { kind: 'query'; sql: string; parameters: readonly unknown[] }
  /** A statement that is a transaction of its own. */
  | { kind: 'transaction'; sql: string; parameters: readonly unknown[] }

export interface TaskMessage {
  id: number
  file: number
  task: Task
}

export type Result = { rows: unknown[]; changes: number }
/** What an error has to tell beside its stack, such as its `code`. */
export type ResultMessage = { id: number; result: Result } | { id: number; error: { message: string } }

const port = parentPort as NonNullable<typeof parentPort>
const files = new Map<number, { path: string; db: SqliteDatabase }>()
/** Bytes from which on a log is emptied at once. SQLite begins to copy at 4 MB, but makes no log smaller. */
const LOG_MAX = 16_000_000

const nothing: Result = { rows: [], changes: 0 }

port.on('message', ({ id, file, task }: TaskMessage) => {
  try {
    port.postMessage({ id, result: perform(file, task) } satisfies ResultMessage)
  } catch (error) {
    const { message } = error as Error
    port.postMessage({ id, error: { ...(error as Error), message } } satisfies ResultMessage)
  }
})

function perform(file: number, task: Task): Result {
  if (task.kind === 'open') {
    // No waiting for locks: whoever holds one may be waiting for this thread.
    files.set(file, { path: task.path, db: openFile(task.path, 'write', 0) })
    return nothing
  }
  const { path, db } = files.get(file) as { path: string; db: SqliteDatabase }
  if (task.kind === 'close') {
    files.delete(file)
    emptyLog(db)
    db.close()
    return nothing
  }
  if (task.kind === 'query') {
    const result = run(db, task.sql, task.parameters)
    if (task.sql === 'commit' && statSync(`${path}-wal`).size > LOG_MAX) emptyLog(db)
    return result
  }
  run(db, 'begin immediate')
  try {
    const result = run(db, task.sql, task.parameters)
    run(db, 'commit')
    return result
  } catch (error) {
    run(db, 'rollback')
    throw error
  }
}

/**
 * Copies the log into the file, and empties it: whoever opens the file next would have to read all of it, which takes half a
 * second after a large sync. Where somebody else is using it, it stays as it is.
 */
function emptyLog(db: SqliteDatabase): void {
  try {
    run(db, 'pragma wal_checkpoint(truncate)')
  } catch {
    // The disk is full, or fails. What was committed is committed: it is in the log, and is copied another time.
  }
}

function run(db: SqliteDatabase, sql: string, parameters: readonly unknown[] = []): Result {
  const statement = db.prepare(sql)
  if (statement.reader) return { rows: statement.all(parameters), changes: 0 }
  return { rows: [], changes: Number(statement.run(parameters).changes) }
}
