import type { Kysely } from 'kysely'
import type { Product } from '../../schemas/product.js'
import type { FieldDifference } from '../products/overlay.js'
import { LOCAL } from '../products/stored-product.js'
import { readRetainedRange } from './change-store.js'
import { CHUNK, chunks } from './chunks.js'
import type { Tables } from './tables.js'

/** A product as it is now, and the earlier revision at which it is wanted. */
export interface WantedVersion {
  product: Product
  revision: number
}

/** Maximum number of changes, and bytes of their differences, per query. A single change can have megabytes. */
const CHANGES_MAX = 1000
const BYTES_MAX = 1_000_000

/**
 * Restores earlier versions of visible products from the change log.
 * @param servedSource The source whose products are served; undefined if none is.
 * @returns A product for each wanted version, in the same order. It is undefined if the log no longer has all changes since then, or if
 *   the product was removed and created again.
 */
export async function readEarlierVersions(
  db: Kysely<Tables>,
  servedSource: number | undefined,
  wanted: readonly WantedVersion[]
): Promise<(Product | undefined)[]> {
  if (wanted.length === 0) return []
  const { oldest, newest } = await readRetainedRange(db)
  const restored = wanted.map(({ product, revision }) => ({
    id: product.id,
    revision,
    isComplete: revision >= oldest - 1 && revision <= newest,
    /** The values before the first change since then, by field. */
    values: new Map<string, unknown>()
  }))
  const byId = new Map<number, typeof restored>()
  for (const version of restored)
    if (version.isComplete) byId.set(version.id, [...(byId.get(version.id) ?? []), version])
  const after = Math.min(...restored.map(({ revision }) => revision))
  for (const ids of chunks([...byId.keys()], CHUNK)) {
    for await (const { revision, product_id, kind, differences } of changesOf(db, servedSource, ids, after)) {
      for (const version of byId.get(product_id) ?? []) {
        if (revision <= version.revision) continue
        // A product that became visible or invisible to readers has differences. Others were created or removed.
        if (kind !== 'updated' && differences === null) version.isComplete = false
        for (const { field, before } of JSON.parse(differences ?? '[]') as FieldDifference[]) {
          if (!version.values.has(field)) version.values.set(field, before)
        }
      }
    }
  }
  return restored.map(({ isComplete, values }, i) =>
    isComplete ? ({ ...wanted[i]?.product, ...Object.fromEntries(values) } as Product) : undefined
  )
}

/** Yields changes of products after a revision, oldest first. */
async function* changesOf(
  db: Kysely<Tables>,
  servedSource: number | undefined,
  ids: readonly number[],
  after: number
): AsyncGenerator<Pick<Tables['change'], 'revision' | 'product_id' | 'kind' | 'differences'>> {
  for (let position = after; ; ) {
    const sizes = await db
      .selectFrom('change')
      .select((eb) => ['revision', eb.fn<number | null>('octet_length', ['differences']).as('size')])
      .where('product_id', 'in', ids)
      .where('source', 'in', [LOCAL, servedSource ?? LOCAL])
      .where('revision', '>', position)
      .orderBy('revision')
      .limit(CHANGES_MAX)
      .execute()
    let bytes = 0
    const revisions = sizes
      .filter(({ size }, i) => {
        bytes += size ?? 0
        return i === 0 || bytes <= BYTES_MAX
      })
      .map(({ revision }) => revision)
    for (const some of chunks(revisions, CHUNK)) {
      yield* await db
        .selectFrom('change')
        .select(['revision', 'product_id', 'kind', 'differences'])
        .where('revision', 'in', some)
        .orderBy('revision')
        .execute()
    }
    if (revisions.length === sizes.length && sizes.length < CHANGES_MAX) return
    position = revisions.at(-1) as number
  }
}
