import { FAILURE_MAX, REPORTED_MAX, type SyncDryRun, type SyncInput } from '../../schemas/sync.js'
import { now } from '../store/database.js'
import type { SourceStore } from '../store/sources.js'
import { FetchedCatalog } from './fetched-catalog.js'
import { SourceError } from './source-error.js'
import type { ReadingSummary, SourceReader } from './source-reader.js'
import { type PlanOptions, planSync, toRefusal, untilAborted } from './sync-plan.js'

export interface DryRunOptions extends PlanOptions {
  sources: SourceStore
  /** The currency of the products (ISO 4217); undefined if the source decides. */
  currency: string | undefined
  signal: AbortSignal
}

/**
 * Reads the whole source, and returns what a sync would change now. Writes nothing.
 * @returns The result, also if the source could not be read.
 * @throws if the database fails.
 */
export async function tryReading(
  source: SourceReader,
  { acceptLoss = false }: SyncInput,
  options: DryRunOptions
): Promise<SyncDryRun> {
  const { sources, products, currency, signal } = options
  const { id } = await sources.identify(source.name)
  const fetched = new FetchedCatalog(products, id, currency)
  const noChanges = { created: 0, updated: 0, deleted: 0, changes: [] }
  try {
    // Without validators and a position, the source is read even if it has not changed.
    const summary = (await source.read([], signal, fetched)) as ReadingSummary
    fetched.settleCurrency()
    const plan = await planSync(id, fetched, summary, options)
    const { content, incomplete, report } = plan
    const refusal = toRefusal(plan, acceptLoss)
    const writesNothing = plan.refusal?.canBeAccepted === false
    const preview = writesNothing
      ? noChanges
      : await products.preview(
          { ...content, changed: untilAborted(fetched.changed(), signal) },
          (db) => sources.store(source.name, db),
          REPORTED_MAX
        )
    return {
      endedAt: now(),
      ...(refusal && { failure: toFailure(refusal) }),
      ...(incomplete !== undefined && { incomplete: incomplete.slice(0, FAILURE_MAX) }),
      ...preview,
      report
    }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    return { endedAt: now(), failure: toFailure(error), ...noChanges }
  }
}

const toFailure = ({ message }: SourceError) => message.slice(0, FAILURE_MAX)
