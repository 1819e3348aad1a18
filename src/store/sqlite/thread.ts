/*
 * The worker thread that calls SQLite. The calls are synchronous, and some are slow. A commit waits for the disk and sometimes runs a
 * checkpoint. A search for a common word reads the ids of all products. In a thread, the calls do not block the event loop.
 */
import { realpathSync, statSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { SqliteDatabase } from 'kysely'
import { connectForKysely, READ_TIMEOUT_MS } from './connection.js'
import { type Revisions, raiseMarker } from './marker.js'

/** A task for the thread. */
export type Task =
  | { kind: 'open'; path: string; mode: 'read' | 'write' }
  | { kind: 'close' }
  /** A statement inside a transaction, or one that begins or ends it. */
  | { kind: 'query'; sql: string; parameters: readonly unknown[] }
  /** A statement that is a transaction of its own. */
  | { kind: 'transaction'; sql: string; parameters: readonly unknown[] }

export interface TaskMessage {
  id: number
  /** `open` opens a connection under this number. Other tasks use it. */
  connectionId: number
  task: Task
}

export type Result = { rows: unknown[]; changes: number }
/** The result of a task, or its error: the message and properties such as `code`. */
export type ResultMessage = { id: number; result: Result } | { id: number; error: { message: string } }

const port = parentPort as NonNullable<typeof parentPort>
interface Connection {
  /** The path of the file, without links. */
  path: string
  mode: 'read' | 'write'
  db: SqliteDatabase
  /** The revisions in the marker of the database, if this thread has written them. */
  markedRevisions?: Revisions | undefined
}

const connections = new Map<number, Connection>()
/** Size of the write-ahead log that triggers a truncation. SQLite runs checkpoints from 4 MB on, but never shrinks the file. */
const WAL_SIZE_MAX_BYTES = 16_000_000

const NO_ROWS: Result = { rows: [], changes: 0 }

port.on('message', ({ id, connectionId, task }: TaskMessage) => {
  try {
    port.postMessage({ id, result: executeOrReopen(connectionId, task) } satisfies ResultMessage)
  } catch (error) {
    const { message } = error as Error
    port.postMessage({ id, error: { ...(error as Error), message } } satisfies ResultMessage)
  }
})

/**
 * Executes a task. If it fails because the file is read-only, opens a new connection for the next task. A connection that was opened while
 * the file was read-only never becomes writable.
 */
function executeOrReopen(id: number, task: Task): Result {
  try {
    return execute(id, task)
  } catch (error) {
    const connection = connections.get(id)
    if (connection?.mode === 'write' && (error as { code?: string }).code === 'SQLITE_READONLY') {
      connections.set(id, { ...connection, db: connectForKysely(connection.path, 'write', 0) })
      connection.db.close()
    }
    throw error
  }
}

function execute(id: number, task: Task): Result {
  if (task.kind === 'open') {
    // A writer must not wait for a lock here: the lock's holder may be waiting for this thread.
    const db = connectForKysely(task.path, task.mode, task.mode === 'write' ? 0 : READ_TIMEOUT_MS)
    // If the path is a link, SQLite creates the write-ahead log beside the target.
    connections.set(id, { path: realpathSync(task.path), mode: task.mode, db })
    return NO_ROWS
  }
  const connection = connections.get(id) as Connection
  const { path, mode, db } = connection
  if (task.kind === 'close') {
    connections.delete(id)
    if (mode === 'write') truncateWal(db)
    db.close()
    return NO_ROWS
  }
  if (task.kind === 'query') {
    const result = run(db, task.sql, task.parameters)
    if (task.sql === 'commit' && mode === 'write') {
      updateMarker(connection)
      if (statSync(`${path}-wal`).size > WAL_SIZE_MAX_BYTES) truncateWal(db)
    }
    return result
  }
  run(db, 'begin immediate')
  try {
    const result = run(db, task.sql, task.parameters)
    run(db, 'commit')
    updateMarker(connection)
    return result
  } catch (error) {
    run(db, 'rollback')
    throw error
  }
}

/** Writes the revisions to the marker of the database if the last commit changed them. */
function updateMarker(connection: Connection): void {
  const { path, db, markedRevisions } = connection
  const read = () => run(db, REVISIONS).rows[0] as Revisions
  try {
    const { revision, authRevision } = read()
    if (markedRevisions?.revision === revision && markedRevisions.authRevision === authRevision) return
    connection.markedRevisions = raiseMarker(path, read)
  } catch {
    // The disk is full, or the tables do not exist yet. The commit is valid anyway, and a later commit updates the marker.
  }
}

const REVISIONS = 'select catalog.revision as revision, auth_state.revision as "authRevision" from catalog, auth_state'

/**
 * Runs a checkpoint and truncates the write-ahead log. Otherwise the next process that opens the file would read the whole log, which takes
 * half a second after a large sync. Does nothing while another connection uses the log.
 */
function truncateWal(db: SqliteDatabase): void {
  try {
    run(db, 'pragma wal_checkpoint(truncate)')
  } catch {
    // The disk is full or fails. The commits are safe in the log, and a later checkpoint copies them.
  }
}

function run(db: SqliteDatabase, sql: string, parameters: readonly unknown[] = []): Result {
  const statement = db.prepare(sql)
  if (statement.reader) return { rows: statement.all(parameters), changes: 0 }
  return { rows: [], changes: Number(statement.run(parameters).changes) }
}
