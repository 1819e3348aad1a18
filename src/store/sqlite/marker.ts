import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, realpathSync, writeFileSync, writeSync } from 'node:fs'
import type { Kysely } from 'kysely'
import type { InstanceState, Marker } from '../database.js'
import type { Tables } from '../tables.js'

/** `catalog.revision` and `auth_state.revision`. */
export type Revisions = Pick<InstanceState, 'revision' | 'authRevision'>

interface Mark extends Revisions {
  identity: string
}

/** The identity and the two revisions. The length never changes, so that one write replaces the revisions as a whole. */
const FORMAT = /^([\w-]{16}) ([ \d]{10}) ([ \d]{10})\n$/
const REVISIONS_AT = 17

const markerPath = (path: string) => `${path}-instance`

/**
 * Marks a SQLite database by a small file beside it. It holds a random identity and the highest revisions that were committed.
 * `.backup`, `vacuum into` and a copy of the database file alone leave it behind.
 */
export class SqliteMarker implements Marker {
  readonly #path: string

  /** @param path Of the database file. */
  constructor(path: string) {
    this.#path = path
  }

  async isRestored(_db: Kysely<Tables>, state: InstanceState): Promise<boolean> {
    const mark = readMark(realpathSync(this.#path))
    if (!mark) return state.identity !== null
    // A start that was killed between `mark` and its commit leaves revisions of 0. Nothing was restored then.
    return (state.identity !== null && state.identity !== mark.identity) || !covers(state, mark)
  }

  /** To be called inside the transaction that stores the identity: the revisions are raised after the commit. */
  async mark(): Promise<string> {
    const identity = randomBytes(12).toString('base64url')
    const line = `${identity} ${toText({ revision: 0, authRevision: 0 })}`
    writeFileSync(markerPath(realpathSync(this.#path)), line, { mode: 0o600, flush: true })
    return identity
  }
}

/**
 * Raises the revisions in the marker to what is committed. Other processes may commit and do the same meanwhile, so the
 * function reads again after each write, so the last writer has written the newest revisions.
 * @param path Of the database file, without links.
 * @param read Reads the committed revisions.
 * @returns The revisions that the marker covers now; undefined if the database is not marked.
 */
export function raiseMark(path: string, read: () => Revisions): Revisions | undefined {
  for (let committed = read(); ; ) {
    const mark = readMark(path)
    if (!mark) return undefined
    if (covers(mark, committed)) return committed
    const raised = {
      revision: Math.max(mark.revision, committed.revision),
      authRevision: Math.max(mark.authRevision, committed.authRevision)
    }
    const file = openSync(markerPath(path), 'r+')
    try {
      writeSync(file, toText(raised), REVISIONS_AT)
    } finally {
      closeSync(file)
    }
    const newest = read()
    if (covers(raised, newest)) return committed
    committed = newest
  }
}

/** Reads the marker; undefined if it is missing or unreadable. */
function readMark(path: string): Mark | undefined {
  try {
    const [, identity, revision, authRevision] = FORMAT.exec(readFileSync(markerPath(path), 'latin1')) ?? []
    return identity === undefined
      ? undefined
      : { identity, revision: Number(revision), authRevision: Number(authRevision) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}

const covers = (one: Revisions, other: Revisions) =>
  one.revision >= other.revision && one.authRevision >= other.authRevision

const toText = ({ revision, authRevision }: Revisions) =>
  `${String(revision).padStart(10)} ${String(authRevision).padStart(10)}\n`
