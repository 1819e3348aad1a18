import type { Transaction } from 'kysely'
import type { Tables } from './tables.js'

/** Milliseconds that answers are kept for: a day. */
export const KEY_LIFETIME_MS = 86_400_000

/** The answer that a request was given, and what tells whether another one is the same. */
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

/** The answer that a key stands for. Keys are their account's own. `at` is now, ISO 8601. */
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
    .where('at', '>', start(at))
    .executeTakeFirst()
}

/** Keeps an answer. One that has expired under the same key may still be stored, and is replaced. */
export async function storeResponse(
  db: Transaction<Tables>,
  { account, key }: Key,
  { id, revision, request, json }: StoredResponse,
  at: string
): Promise<void> {
  const answer = { request_hash: request, product_id: id, revision, product_json: json, at }
  await db
    .insertInto('idempotency_key')
    .values({ account, key, ...answer })
    .onConflict((conflict) => conflict.columns(['account', 'key']).doUpdateSet(answer))
    .execute()
}

const start = (at: string) => new Date(Date.parse(at) - KEY_LIFETIME_MS).toISOString()
