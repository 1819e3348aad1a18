import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, realpathSync, writeFileSync, writeSync } from 'node:fs'
import type { Kysely } from 'kysely'
import type { InstanceState, Marker } from '../database.js'
import type { Tables } from '../tables.js'

/** `catalog.revision` and `auth_state.revision`. */
export type Revisions = Pick<InstanceState, 'revision' | 'authRevision'>

/** The content of the marker file. */
interface MarkerContent extends Revisions {
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

  /** @param path Path of the database file. */
  constructor(path: string) {
    this.#path = path
  }

  async isRestored(_db: Kysely<Tables>, state: InstanceState): Promise<boolean> {
    const marker = readMarker(realpathSync(this.#path))
    if (!marker) return state.identity !== null
    // If the process was killed between `mark` and the commit, the marker has revisions of 0, which every database covers.
    return (state.identity !== null && state.identity !== marker.identity) || !covers(state, marker)
  }

  /** Call it inside the transaction that stores the identity: the commit then raises the revisions in the marker. */
  async mark(): Promise<string> {
    const identity = randomBytes(12).toString('base64url')
    const line = `${identity} ${toText({ revision: 0, authRevision: 0 })}`
    writeFileSync(markerPath(realpathSync(this.#path)), line, { mode: 0o600, flush: true })
    return identity
  }
}

/**
 * Raises the revisions in the marker to the committed ones. Another process may commit and raise them at the same time, so the function
 * reads them again after each write. The last process to write has then written the newest revisions.
 * @param path Path of the database file, without links.
 * @param read Reads the committed revisions.
 * @returns The revisions that the marker covers now; undefined if the database is not marked.
 */
export function raiseMarker(path: string, read: () => Revisions): Revisions | undefined {
  for (let committed = read(); ; ) {
    const marker = readMarker(path)
    if (!marker) return undefined
    if (covers(marker, committed)) return committed
    const raised = {
      revision: Math.max(marker.revision, committed.revision),
      authRevision: Math.max(marker.authRevision, committed.authRevision)
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

/** Reads the marker. Returns undefined if the file is missing or malformed. */
function readMarker(path: string): MarkerContent | undefined {
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
