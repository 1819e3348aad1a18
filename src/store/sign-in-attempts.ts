import type { Transaction } from 'kysely'
import { now } from './database.js'
import type { Tables } from './tables.js'

/** The client whose failures are counted: the network of an address, or the device of a valid cookie. */
export type Client = `address:${string}` | `device:${string}`

/** A sign-in before its password is checked, or one that is refused. */
export interface Attempt {
  username: string
  client: Client
  /** Whether the client is unknown, so that the attempt also counts towards the limit for all unknown clients of the username. */
  isUnknown: boolean
  /** Milliseconds until the lock ends; 0 if the password may be checked. A locked attempt is not counted. */
  lockedMs: number
}

const DAY = 86_400_000
/** Milliseconds that failures count: after the newest one for a client, after the first one for all unknown clients together. */
const FAILURES_KEPT = DAY
/** Number of failures that lock a client. A success resets the count. */
const CLIENT_FAILURES = 5
/** Number of failures within a day that lock all unknown clients of a username. */
const UNKNOWN_FAILURES = 100
/** The `client` of the row that counts the failures of all unknown clients of a username. */
const ALL_UNKNOWN = ''
/** Milliseconds of the first lock. Each further failure doubles the time, up to the longest lock. */
const FIRST_LOCK = 30_000
const LONGEST_LOCK = 900_000

/** Milliseconds that an address stays known after a sign-in. */
const ADDRESS_KEPT = 90 * DAY
/** Milliseconds until another sign-in from the same address is recorded. */
const ADDRESS_RECORDED = DAY
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
  // In this order, because transactions that lock the same rows in different orders deadlock.
  for (const counted of isUnknown ? [ALL_UNKNOWN, client] : [client]) {
    const count = await lockCount(db, username, counted, time)
    const lockedMs = Date.parse(count.locked_until) - time
    if (lockedMs > 0) return { username, client, isUnknown, lockedMs }
    counts.push(count)
  }
  for (const count of counts) await countFailure(db, count, time)
  return { username, client, isUnknown, lockedMs: 0 }
}

/** Undoes the failure that an attempt was counted as, resets the count of its client, and makes the address known. */
export async function recordSuccess(
  db: Transaction<Tables>,
  { username, client, isUnknown }: Attempt,
  address: Client
): Promise<void> {
  await lockName(db, username)
  if (isUnknown) {
    // The other failures stay: otherwise each sign-in of the owner from a new address would allow another round of guesses.
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
  await lockName(db, username)
  await db.deleteFrom('sign_in_failure').where('username', '=', username).execute()
  await db.deleteFrom('known_address').where('username', '=', username).execute()
}

async function isKnown(db: Transaction<Tables>, username: string, address: Client, time: number): Promise<boolean> {
  const known = await db
    .selectFrom('known_address')
    .select('signed_in_at')
    .where('username', '=', username)
    .where('address', '=', address)
    .where('signed_in_at', '>', iso(time - ADDRESS_KEPT))
    .executeTakeFirst()
  return known !== undefined
}

/** Returns a count and locks its row until the transaction ends. An expired count starts at zero. */
async function lockCount(
  db: Transaction<Tables>,
  username: string,
  client: string,
  time: number
): Promise<Tables['sign_in_failure']> {
  const fresh = { username, client, failures: 0, locked_until: iso(time), expires_at: iso(time + FAILURES_KEPT) }
  const count = await db
    .insertInto('sign_in_failure')
    .values(fresh)
    .onConflict((conflict) => conflict.columns(['username', 'client']).doUpdateSet({ username }))
    .returningAll()
    .executeTakeFirstOrThrow()
  return count.expires_at > iso(time) ? count : fresh
}

/**
 * Locks a username until the transaction ends. To be called before a transaction changes several of its rows. Inserts the row if it
 * is missing: a statement that finds no row locks nothing, and could deadlock with one that inserts it.
 */
async function lockName(db: Transaction<Tables>, username: string): Promise<void> {
  await lockCount(db, username, ALL_UNKNOWN, Date.now())
}

async function countFailure(
  db: Transaction<Tables>,
  { username, client, failures: before, expires_at }: Tables['sign_in_failure'],
  time: number
): Promise<void> {
  const [allowed, end] =
    client === ALL_UNKNOWN ? [UNKNOWN_FAILURES, expires_at] : [CLIENT_FAILURES, iso(time + FAILURES_KEPT)]
  const failures = before + 1
  const lock = Math.min(FIRST_LOCK * 2 ** (failures - allowed), LONGEST_LOCK)
  await db
    .updateTable('sign_in_failure')
    .set({ failures, locked_until: iso(failures < allowed ? time : time + lock), expires_at: end })
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
        .where('known_address.signed_in_at', '<', iso(time - ADDRESS_RECORDED))
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
