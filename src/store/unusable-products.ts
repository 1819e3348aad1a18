import type { Kysely, Transaction } from 'kysely'
import { CHUNK, chunks } from './chunks.js'
import type { Tables } from './tables.js'

/** Returns the time since which each unusable product of a source has been unusable (ISO 8601), by id. */
export async function findUnusable(db: Kysely<Tables>, source: number): Promise<Map<number, string>> {
  const rows = await db
    .selectFrom('source_product')
    .select(['id', 'unusable_since'])
    .where('source', '=', source)
    .where('unusable_since', 'is not', null)
    .execute()
  return new Map(rows.map(({ id, unusable_since }) => [id, unusable_since as string]))
}

/** Stores these times, and removes them from products that are usable again. */
export async function storeUnusable(
  db: Transaction<Tables>,
  source: number,
  since: ReadonlyMap<number, string> = new Map()
): Promise<void> {
  const stored = await findUnusable(db, source)
  const times = new Map<string | null, number[]>()
  for (const id of new Set([...stored.keys(), ...since.keys()])) {
    const time = since.get(id) ?? null
    if (time === (stored.get(id) ?? null)) continue
    const ids = times.get(time) ?? []
    ids.push(id)
    times.set(time, ids)
  }
  for (const [unusable_since, ids] of times) {
    for (const chunk of chunks(ids, CHUNK)) {
      await db
        .updateTable('source_product')
        .set({ unusable_since })
        .where('source', '=', source)
        .where('id', 'in', chunk)
        .execute()
    }
  }
}
