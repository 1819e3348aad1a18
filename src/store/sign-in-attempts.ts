import type { Transaction } from 'kysely'
import { now } from './database.js'
import type { Tables } from './tables.js'

/** The client whose failures are counted: the network of an address, or the device of a valid cookie. */
export type Client = `address:${string}` | `device:${string}`

/** A sign-in attempt: either counted, so that its password may be checked, or locked. */
export interface Attempt {
  username: string
  client: Client
  /** Whether the client is unknown. The attempt then also counts for all unknown clients of the username. */
  isUnknown: boolean
  /** Milliseconds until the lock ends; 0 if the password may be checked. A locked attempt is not counted. */
  lockedMs: number
}

const DAY_MS = 86_400_000
/** Milliseconds that failures count: from the newest failure of a client, or from the first failure of all unknown clients. */
const FAILURES_KEPT_MS = DAY_MS
/** Number of failures that lock a client. A success resets the count. */
const CLIENT_FAILURES_MAX = 5
/** Number of failures within a day that lock all unknown clients of a username. */
const UNKNOWN_FAILURES_MAX = 100
/** The `client` of the row that counts the failures of all unknown clients of a username. */
const ALL_UNKNOWN = ''
/** Duration of the first lock. Each further failure doubles it, up to `LONGEST_LOCK_MS`. */
const FIRST_LOCK_MS = 30_000
const LONGEST_LOCK_MS = 900_000

/** Milliseconds that an address stays known after a sign-in. */
const ADDRESS_KEPT_MS = 90 * DAY_MS
/** Milliseconds after which another sign-in from the same address updates its row. */
const ADDRESS_UPDATE_MS = DAY_MS
/** Maximum number of known addresses per username: the newest ones. */
const ADDRESSES_MAX = 100

/**
 * Counts a sign-in as failed before the password is checked, so that concurrent attempts cannot exceed the limit together.
 * `recordSuccess` undoes it. The attempt counts for its client and, if the client is unknown, for all unknown clients of the
 * username. Usernames without an account count in the same way, so that a lock does not reveal whether an account exists.
 */
export async function countAttempt(db: Transaction<Tables>, username: string, client: Client): Promise<Attempt> {
  const time = Date.now()
  const isUnknown = !client.startsWith('device:') && !(await isKnown(db, username, client, time))
  const counts: Tables['sign_in_failure'][] = []
  // Always in this order: transactions that lock the same rows in different orders deadlock.
  for (const counted of isUnknown ? [ALL_UNKNOWN, client] : [client]) {
    const count = await lockCount(db, username, counted, time)
    const lockedMs = Date.parse(count.locked_until) - time
    if (lockedMs > 0) return { username, client, isUnknown, lockedMs }
    counts.push(count)
  }
  for (const count of counts) await countFailure(db, count, time)
  return { username, client, isUnknown, lockedMs: 0 }
}

/** Undoes the counted failure of an attempt, resets the count of its client, and records the address as known. */
export async function recordSuccess(
  db: Transaction<Tables>,
  { username, client, isUnknown }: Attempt,
  address: Client
): Promise<void> {
  await lockUsername(db, username)
  if (isUnknown) {
    // The other failures stay: otherwise each sign-in of the owner from a new address would allow an attacker 100 more guesses.
    await db
      .updateTable('sign_in_failure')
      .set((eb) => ({ failures: eb('failures', '-', 1), locked_until: now() }))
      .where('username', '=', username)
      .where('client', '=', ALL_UNKNOWN)
      .where('failures', '>', 0)
      .execute()
  }
  await db.deleteFrom('sign_in_failure').where('username', '=', username).where('client', '=', client).execute()
  await recordAddress(db, username, address)
}

/** Deletes the failures and the known addresses of a username. */
export async function forgetClients(db: Transaction<Tables>, username: string): Promise<void> {
  await lockUsername(db, username)
  await db.deleteFrom('sign_in_failure').where('username', '=', username).execute()
  await db.deleteFrom('known_address').where('username', '=', username).execute()
}

async function isKnown(db: Transaction<Tables>, username: string, address: Client, time: number): Promise<boolean> {
  const row = await db
    .selectFrom('known_address')
    .select('signed_in_at')
    .where('username', '=', username)
    .where('address', '=', address)
    .where('signed_in_at', '>', iso(time - ADDRESS_KEPT_MS))
    .executeTakeFirst()
  return row !== undefined
}

/** Returns the failures of a client and locks their row until the transaction ends. Expired failures do not count. */
async function lockCount(
  db: Transaction<Tables>,
  username: string,
  client: string,
  time: number
): Promise<Tables['sign_in_failure']> {
  const fresh = { username, client, failures: 0, locked_until: iso(time), expires_at: iso(time + FAILURES_KEPT_MS) }
  const count = await db
    .insertInto('sign_in_failure')
    .values(fresh)
    .onConflict((conflict) => conflict.columns(['username', 'client']).doUpdateSet({ username }))
    .returningAll()
    .executeTakeFirstOrThrow()
  return count.expires_at > iso(time) ? count : fresh
}

/**
 * Locks a username until the transaction ends. Call it before a transaction changes several rows of the username. Inserts the row if it
 * is missing: otherwise nothing would be locked, and the transaction could deadlock with one that inserts the row.
 */
async function lockUsername(db: Transaction<Tables>, username: string): Promise<void> {
  await lockCount(db, username, ALL_UNKNOWN, Date.now())
}

async function countFailure(
  db: Transaction<Tables>,
  { username, client, failures: before, expires_at }: Tables['sign_in_failure'],
  time: number
): Promise<void> {
  const [allowed, expiresAt] =
    client === ALL_UNKNOWN ? [UNKNOWN_FAILURES_MAX, expires_at] : [CLIENT_FAILURES_MAX, iso(time + FAILURES_KEPT_MS)]
  const failures = before + 1
  const lockMs = Math.min(FIRST_LOCK_MS * 2 ** (failures - allowed), LONGEST_LOCK_MS)
  await db
    .updateTable('sign_in_failure')
    .set({ failures, locked_until: iso(failures < allowed ? time : time + lockMs), expires_at: expiresAt })
    .where('username', '=', username)
    .where('client', '=', client)
    .execute()
}

async function recordAddress(db: Transaction<Tables>, username: string, address: Client): Promise<void> {
  const time = Date.now()
  const signed_in_at = iso(time)
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('known_address')
    .values({ username, address, signed_in_at })
    .onConflict((conflict) =>
      conflict
        .columns(['username', 'address'])
        .doUpdateSet({ signed_in_at })
        .where('known_address.signed_in_at', '<', iso(time - ADDRESS_UPDATE_MS))
    )
    .executeTakeFirstOrThrow()
  if (numInsertedOrUpdatedRows === 0n) return
  await db
    .deleteFrom('known_address')
    .where('username', '=', username)
    .where('address', 'not in', (eb) =>
      eb
        .selectFrom('known_address')
        .select('address')
        .where('username', '=', username)
        .orderBy('signed_in_at', 'desc')
        .limit(ADDRESSES_MAX)
    )
    .execute()
}

const iso = (time: number) => new Date(time).toISOString()
