/*
 * A thread that calls SQLite. The calls are synchronous, and some take long: a commit waits for the disk and sometimes copies the
 * log into the file, and a search for a common word reads the ids of all products. In a thread they do not block requests.
 */
import { realpathSync, statSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { SqliteDatabase } from 'kysely'
import { openFile, READ_TIMEOUT } from './connection.js'
import { type Revisions, raiseMark } from './marker.js'

/** What the thread is asked to do, on the file that was opened under this number. */
export type Task =
  | { kind: 'open'; path: string; mode: 'read' | 'write' }
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
interface OpenFile {
  path: string
  mode: 'read' | 'write'
  db: SqliteDatabase
  /** Revisions that the marker of the database is known to cover. */
  marked?: Revisions | undefined
}

const files = new Map<number, OpenFile>()
/** Bytes from which on a log is emptied at once. SQLite begins to copy at 4 MB, but makes no log smaller. */
const LOG_MAX = 16_000_000

const nothing: Result = { rows: [], changes: 0 }

port.on('message', ({ id, file, task }: TaskMessage) => {
  try {
    port.postMessage({ id, result: performOrReopen(file, task) } satisfies ResultMessage)
  } catch (error) {
    const { message } = error as Error
    port.postMessage({ id, error: { ...(error as Error), message } } satisfies ResultMessage)
  }
})

/** A connection that was opened while the file could not be written never writes: the next task gets a new one. */
function performOrReopen(file: number, task: Task): Result {
  try {
    return perform(file, task)
  } catch (error) {
    const opened = files.get(file)
    if (opened?.mode === 'write' && (error as { code?: string }).code === 'SQLITE_READONLY') {
      files.set(file, { ...opened, db: openFile(opened.path, 'write', 0) })
      opened.db.close()
    }
    throw error
  }
}

function perform(file: number, task: Task): Result {
  if (task.kind === 'open') {
    // A writer does not wait for a lock: its holder may be waiting for this thread.
    const db = openFile(task.path, task.mode, task.mode === 'write' ? 0 : READ_TIMEOUT)
    // SQLite puts its other files beside the file that a link points to.
    files.set(file, { path: realpathSync(task.path), mode: task.mode, db })
    return nothing
  }
  const open = files.get(file) as OpenFile
  const { path, mode, db } = open
  if (task.kind === 'close') {
    files.delete(file)
    if (mode === 'write') emptyLog(db)
    db.close()
    return nothing
  }
  if (task.kind === 'query') {
    const result = run(db, task.sql, task.parameters)
    if (task.sql === 'commit' && mode === 'write') {
      mark(open)
      if (statSync(`${path}-wal`).size > LOG_MAX) emptyLog(db)
    }
    return result
  }
  run(db, 'begin immediate')
  try {
    const result = run(db, task.sql, task.parameters)
    run(db, 'commit')
    mark(open)
    return result
  } catch (error) {
    run(db, 'rollback')
    throw error
  }
}

/** Raises the marker of the database if the last commit has raised its revisions. */
function mark(open: OpenFile): void {
  const { path, db, marked } = open
  const read = () => run(db, REVISIONS).rows[0] as Revisions
  try {
    const { revision, authRevision } = read()
    if (marked?.revision === revision && marked.authRevision === authRevision) return
    open.marked = raiseMark(path, read)
  } catch {
    // The disk is full, or the tables are not made yet. The commit holds all the same, and a later one raises the marker.
  }
}

const REVISIONS = 'select catalog.revision as revision, auth_state.revision as "authRevision" from catalog, auth_state'

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
