import type { Transaction } from 'kysely'
import type { Tables } from './tables.js'

/** Milliseconds that responses are stored: a day. */
export const KEY_LIFETIME_MS = 86_400_000

/** The response to a request, and the hash of the request. */
export interface StoredResponse {
  id: number
  revision: number
  request: string
  json: string
}

interface Key {
  account: string
  key: string
}

/** Returns the response to an earlier request with the same key of the same account. @param at The current time, ISO 8601. */
export async function findResponse(
  db: Transaction<Tables>,
  { account, key }: Key,
  at: string
): Promise<StoredResponse | undefined> {
  return await db
    .selectFrom('idempotency_key')
    .select(['product_id as id', 'revision', 'request_hash as request', 'product_json as json'])
    .where('account', '=', account)
    .where('key', '=', key)
    .where('at', '>', toExpiry(at))
    .executeTakeFirst()
}

/** Stores a response. Replaces an expired one with the same key. */
export async function storeResponse(
  db: Transaction<Tables>,
  { account, key }: Key,
  { id, revision, request, json }: StoredResponse,
  at: string
): Promise<void> {
  const values = { request_hash: request, product_id: id, revision, product_json: json, at }
  await db
    .insertInto('idempotency_key')
    .values({ account, key, ...values })
    .onConflict((conflict) => conflict.columns(['account', 'key']).doUpdateSet(values))
    .execute()
}

/** Returns the time until which stored responses have expired. */
const toExpiry = (at: string) => new Date(Date.parse(at) - KEY_LIFETIME_MS).toISOString()
