import { ALL_QUARANTINED, REPORTED_MAX, type SyncReport } from '../../schemas/sync.js'
import { SAMPLE } from '../products/stored-product.js'
import { now } from '../store/database.js'
import { type KnownProduct, type SourceContent, type SourceProductStore, toIds } from '../store/source-products.js'
import type { SourceStateStore } from '../store/source-state.js'
import type { FetchedCatalog } from './fetched-catalog.js'
import { SourceError } from './source-error.js'
import type { ReadingSummary } from './source-reader.js'
import type { SourceVersion } from './sources/source-kind.js'

export interface PlanOptions {
  products: SourceProductStore
  state: SourceStateStore
  /** Share of the catalog that a sync may remove, from 0 to 1. */
  maxLoss: number
  /** Seconds for which the last usable version of a product in quarantine stays. */
  grace: number
  /** Products missing from the previous reading, if products moved between its pages. */
  suspectedMissing: ReadonlySet<number>
}

/** Why a sync must not write. */
export interface SyncRefusal {
  error: SourceError
  /** Whether it may write if an admin accepts the loss. */
  canBeAccepted: boolean
}

/** A product in quarantine that has a usable version. */
interface UnusableProduct {
  id: number
  /** Since when the source sends it in a form that cannot be used (ISO 8601). */
  since: string
  /** When the version disappears (ISO 8601). */
  until: string
}

/** What a sync does after a reading. */
export interface SyncPlan {
  content: SourceContent & { source: number }
  /** Why records are missing; undefined if the reading is whole. */
  incomplete: string | undefined
  /** The products that the reading lacks. They are removed only if the next reading lacks them too. Empty if no product can have moved. */
  suspectedMissing: Set<number>
  /** Whether the reading lacks no product that only the next reading can confirm as removed. */
  isSettled: boolean
  /** When the next version of a product in quarantine disappears (ISO 8601); undefined if none stays. */
  keptUntil: string | undefined
  /** Why the sync must not write; undefined if it may. */
  refusal: SyncRefusal | undefined
  report: SyncReport
}

/** Minimum number of products for which the loss is limited. Smaller catalogs may change in any way. */
const LOSS_CHECK_MIN = 20

/** Decides what a sync writes. */
export async function planSync(
  source: number,
  fetched: FetchedCatalog,
  summary: ReadingSummary,
  { products, state, maxLoss, grace, suspectedMissing }: PlanOptions
): Promise<SyncPlan> {
  const { incomplete } = summary
  const isUncertain = summary.isShifting || fetched.isShifting || fetched.isEndRepeated
  const { version } = summary
  const { count, missing: absent } = await findAbsent(source, fetched, version, products)
  const unusable = await findUnusable(source, fetched, absent, products, grace)
  const time = now()
  const kept = new Map([...unusable].filter(([, { until }]) => until > time))
  const missing = toIds(absent.filter(({ externalId }) => !kept.has(externalId)))
  const { source: served } = await state.get()
  const isFirst = served !== source
  // If products are added or removed during a reading, others move between pages. The reading may miss them, but hardly twice in a row. The
  // first reading of a source replaces all products of the previous source or of the sample.
  const missed = isUncertain && !isFirst ? missing.filter((id) => suspectedMissing.has(id)) : missing
  const isSettled = missed.length === missing.length
  // Products that an incomplete reading lacks may still exist.
  const removedIds = incomplete === undefined ? missed : []
  const removed = new Set(removedIds)
  const replacesSource = isFirst && served !== undefined && served !== SAMPLE
  return {
    content: {
      source,
      removedIds,
      // A product that stays although its grace period is over must not get another one.
      unusableSince: new Map(
        [...unusable.values()].filter(({ id }) => !removed.has(id)).map(({ id, since }) => [id, since])
      ),
      currency: fetched.currency,
      // Products that an uncertain or incomplete reading may have missed keep their categories.
      categories: {
        list: version?.categories ?? fetched.categories.list(),
        isComplete: isSettled && incomplete === undefined
      }
    },
    incomplete,
    suspectedMissing: new Set(isUncertain ? missing : []),
    isSettled,
    keptUntil: [...kept.values()].map(({ until }) => until).sort()[0],
    refusal:
      refuseCycle(version, await products.epoch()) ??
      refuseNothing(fetched, incomplete) ??
      (isFirst ? refusePart(incomplete, replacesSource) : refuseLoss(removedIds.length, count, maxLoss)),
    report: toReport(fetched, kept)
  }
}

/** Returns the stored products that the source no longer has. A reading of changes names them. */
async function findAbsent(
  source: number,
  { externalIds, removedIds }: FetchedCatalog,
  version: SourceVersion | undefined,
  products: SourceProductStore
): Promise<{ count: number; missing: KnownProduct[] }> {
  if (!version?.isDifference) return await products.findMissing(source, externalIds)
  if (removedIds.size === 0) return { count: 0, missing: [] }
  return await products.findMissing(source, { has: (externalId) => !removedIds.has(externalId) })
}

/** Returns the products in quarantine that have a usable version, by external id. */
async function findUnusable(
  source: number,
  { currency, isQuarantined }: FetchedCatalog,
  absent: readonly KnownProduct[],
  products: SourceProductStore,
  grace: number
): Promise<Map<string, UnusableProduct>> {
  const unusable = absent.filter(({ externalId }) => isQuarantined(externalId))
  // Prices in the previous currency of the catalog cannot stay.
  if (unusable.length === 0 || currency !== (await products.currency())) return new Map()
  const stored = await products.unusableSince(source)
  const time = now()
  const found = unusable.map(({ id, externalId }): [string, UnusableProduct] => {
    const since = stored.get(id) ?? time
    return [externalId, { id, since, until: new Date(Date.parse(since) + grace * 1000).toISOString() }]
  })
  return new Map(found)
}

/**
 * Refuses a source that reads this catalog, directly or through others. Otherwise each local product would come back as a product of the
 * source, again and again.
 */
function refuseCycle(version: SourceVersion | undefined, epoch: string): SyncRefusal | undefined {
  if (!version?.epochs?.includes(epoch)) return undefined
  const detail =
    'the source reads this catalog, directly or through others. Change SOURCE_URL here or there. If the database here is a copy of the ' +
    'one there, run `catalog restored` first'
  return { error: new SourceError('invalid', { detail }), canBeAccepted: false }
}

/** Refuses a reading without a usable product, unless the source really has none. */
function refuseNothing(
  { externalIds, quarantined }: FetchedCatalog,
  incomplete: string | undefined
): SyncRefusal | undefined {
  if (externalIds.size > 0) return undefined
  const detail = quarantined > 0 ? `all ${quarantined} products are in quarantine` : incomplete
  if (detail === undefined) return undefined
  const reason = quarantined > 0 ? ALL_QUARANTINED : 'incomplete'
  return { error: new SourceError(reason, { detail, ...(quarantined > 0 && { quarantined }) }), canBeAccepted: false }
}

/** Refuses an incomplete reading of a new source that would replace the products of the previous one. */
function refusePart(incomplete: string | undefined, replacesSource: boolean): SyncRefusal | undefined {
  if (incomplete === undefined || !replacesSource) return undefined
  const advice = 'The products of the previous source stay. To replace them nevertheless, accept the loss.'
  return { error: new SourceError('incomplete', { detail: `${incomplete}. ${advice}` }), canBeAccepted: true }
}

/** Refuses to remove too much of the catalog. A large loss is more often an error of the source than a real change. */
function refuseLoss(removed: number, stored: number, maxLoss: number): SyncRefusal | undefined {
  if (stored < LOSS_CHECK_MIN || removed <= stored * maxLoss) return undefined
  const percentage = Math.round(maxLoss * 100)
  const detail =
    `${removed} of ${stored} products would disappear, more than SYNC_MAX_LOSS (${percentage}%) allows. ` +
    'If the source has really become smaller, accept the loss.'
  return { error: new SourceError('shrunk', { detail }), canBeAccepted: true }
}

function toReport(
  { externalIds, quarantined, reasons, reports }: FetchedCatalog,
  kept: ReadonlyMap<string, UnusableProduct>
): SyncReport {
  const quarantine = [...reasons].slice(0, REPORTED_MAX).map(([product, problem]) => {
    const { until } = kept.get(product) ?? {}
    return { product, ...problem, ...(until !== undefined && { keptUntil: until }) }
  })
  return {
    readAt: new Date().toISOString(),
    products: externalIds.size,
    quarantined,
    quarantine,
    fields: reports.counts
  }
}
