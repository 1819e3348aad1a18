import type { Transaction } from 'kysely'
import type { PlannedChange } from '../../schemas/sync.js'
import { CATEGORIES } from './change-log.js'
import type { Tables } from './tables.js'

/** Lists the changes after a revision: of each kind the first ones, at most `limit`. */
export async function listPlannedChanges(
  db: Transaction<Tables>,
  after: number,
  limit: number
): Promise<PlannedChange[]> {
  const changes: PlannedChange[] = []
  for (const kind of ['created', 'updated', 'deleted'] as const) {
    const rows = await db
      .selectFrom('change')
      .leftJoin('source_product', (join) =>
        join.onRef('source_product.source', '=', 'change.source').onRef('source_product.id', '=', 'change.product_id')
      )
      .select(['product_id', 'external_id', 'fields'])
      .where('revision', '>', after)
      .where('product_id', '!=', CATEGORIES)
      .where('kind', '=', kind)
      .orderBy('revision')
      .limit(limit)
      .execute()
    for (const { product_id: productId, external_id, fields } of rows)
      changes.push({
        kind,
        productId,
        ...(external_id !== null && { product: external_id }),
        fields: JSON.parse(fields)
      })
  }
  return changes
}
