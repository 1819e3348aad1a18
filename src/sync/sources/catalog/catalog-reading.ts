import { CATEGORY_LIST_MAX } from '../../../../schemas/category.js'
import { CHANGES_LIMIT_MAX } from '../../../../schemas/change.js'
import { IDS_MAX } from '../../../../schemas/listing.js'
import { PROBLEM_MEDIA_TYPE } from '../../../../schemas/problem.js'
import { NDJSON } from '../../../../schemas/transfer.js'
import type { SourceCategory } from '../../../products/category-tree.js'
import { SourceError } from '../../source-error.js'
import { readJsonBody } from '../json-body.js'
import { readNdjson } from '../ndjson-body.js'
import type { PageEnd, ResponseHead, SourceRequest, SourceSettings } from '../source-kind.js'
import { toAddress } from './catalog-address.js'
import { readCategoryList, readChangePage, readInfo } from './catalog-responses.js'

/*
 * A reading is a chain of requests: the changes since the last reading, the state of the instance, its categories, and the products. A
 * whole reading has no changes, and takes all products at once. The state comes before the products, so that the next reading sees the
 * changes that are made during this one.
 */

/** Maximum number of changed products that are requested by id. It takes less time to read all products than more of them. */
const CHANGED_MAX = 2000

/**
 * Maximum number of changed products that are requested one by one. An instance caches these responses for all that read it, but runs only
 * four exports at a time.
 */
const SINGLE_MAX = 5

/** How far a reading has come. */
interface Progress {
  step: 'changes' | 'info' | 'categories' | 'product' | 'products'
  /** The position that the reading starts from; undefined for a whole reading. */
  from?: string | undefined
  /** The position that the reading brings. */
  position: string
  /** The ids of the changed products that have not been requested yet. */
  changed: number[]
  /** The ids of the products in the response. */
  requested: number[]
  /** The ids of the products that the instance no longer has. */
  removed: number[]
  epochs: string[]
  categories: readonly SourceCategory[]
}

const start = (step: Progress['step'], from?: string): Progress => ({
  step,
  from,
  position: from ?? '',
  changed: [],
  requested: [],
  removed: [],
  epochs: [],
  categories: []
})

export const requestInfo = (settings: SourceSettings): SourceRequest => ({ url: toAddress(settings, '/') })

/** Requests the changes after a position. @param position `EPOCH.REVISION` */
export function requestChanges(settings: SourceSettings, position: string): SourceRequest {
  const { epoch, revision } = parsePosition(position)
  const query = { after: String(revision), epoch, limit: String(CHANGES_LIMIT_MAX) }
  // The instance responds with 410 if its epoch has changed, or if it no longer has the changes.
  return { url: toAddress(settings, '/changes', query), isOptional: true }
}

function requestProducts(settings: SourceSettings, { from, requested }: Progress): SourceRequest {
  const url = toAddress(settings, '/products/export')
  const ids = requested.map((id) => `ids=${id}`).join('&')
  return { url: from === undefined ? url : `${url}?${ids}`, accept: NDJSON }
}

/** Reads a response of the instance. Yields products as `{ product }` and removed ones as `{ removed }`. */
export async function* readResponse(
  body: AsyncIterable<Uint8Array>,
  head: ResponseHead,
  settings: SourceSettings,
  state?: Uint8Array
): AsyncGenerator<unknown, PageEnd> {
  const progress = state ? (JSON.parse(new TextDecoder().decode(state)) as Progress) : toStart(head)
  switch (progress.step) {
    case 'changes':
      return head.isMissing ? startOver(settings) : readChanges(await readJsonBody(body, head), settings, progress)
    case 'info':
      return readState(await readJsonBody(body, head), settings, progress)
    case 'categories':
      progress.categories = readCategoryList(await readJsonBody(body, head), CATEGORY_LIST_MAX)
      return yield* requestMore(settings, progress)
    case 'product':
      return yield* readProduct(body, head, settings, progress)
    case 'products':
      return yield* readProducts(body, head, settings, progress)
  }
}

/** Returns the progress of a reading before its first response. */
function toStart({ url }: ResponseHead): Progress {
  const { searchParams } = new URL(url)
  const [revision, epoch] = [searchParams.get('after'), searchParams.get('epoch')]
  return revision === null ? start('info') : start('changes', `${epoch}.${revision}`)
}

function startOver(settings: SourceSettings): PageEnd {
  return toContinuation(requestInfo(settings), start('info'))
}

/** Notes the changed and removed products of a page. If many have changed, starts a whole reading instead. */
function readChanges(body: unknown, settings: SourceSettings, progress: Progress): PageEnd {
  const page = readChangePage(body)
  const before = parsePosition(progress.position)
  const isFull = page.changes.length >= CHANGES_LIMIT_MAX
  if (page.epoch !== before.epoch || page.revision < before.revision || (isFull && page.revision === before.revision))
    throw invalid('the list of changes does not continue the earlier one')
  const changed = new Set(progress.changed)
  const removed = new Set(progress.removed)
  for (const { kind, productId } of page.changes) {
    const [to, from] = kind === 'deleted' ? [removed, changed] : [changed, removed]
    to.add(productId)
    from.delete(productId)
  }
  if (changed.size > CHANGED_MAX) return startOver(settings)
  const position = `${page.epoch}.${page.revision}`
  const now = { ...progress, position, changed: [...changed].sort((a, b) => a - b), removed: [...removed] }
  if (isFull) return toContinuation(requestChanges(settings, position), now)
  if (position === progress.from) return { version: { position, isDifference: true } }
  return toContinuation(requestInfo(settings), { ...now, step: 'info' })
}

function readState(body: unknown, settings: SourceSettings, progress: Progress): PageEnd {
  const { state, epoch, revision, epochs } = readInfo(body)
  if (state === 'sample' || state === 'empty')
    throw invalid(`the source has no catalog of its own yet: its state is \`${state}\``)
  const { from } = progress
  // A backup was restored after the list of changes was read.
  if (from !== undefined && parsePosition(from).epoch !== epoch) return startOver(settings)
  const position = from === undefined ? `${epoch}.${revision}` : progress.position
  const now: Progress = { ...progress, position, epochs: [epoch, ...epochs], step: 'categories' }
  return toContinuation({ url: toAddress(settings, '/categories') }, now)
}

/** Requests the next products, or ends the reading. */
async function* requestMore(settings: SourceSettings, progress: Progress): AsyncGenerator<unknown, PageEnd> {
  const { from, position, changed, removed, categories, epochs } = progress
  const isDifference = from !== undefined
  const isDone = isDifference ? changed.length === 0 : progress.step === 'products'
  if (isDifference && !isDone && changed.length <= SINGLE_MAX) {
    const [id, ...others] = changed as [number]
    const now: Progress = { ...progress, step: 'product', requested: [id], changed: others }
    return toContinuation({ url: toAddress(settings, `/products/${id}`), isOptional: true }, now)
  }
  if (!isDone) {
    const requested = changed.slice(0, IDS_MAX)
    const now: Progress = { ...progress, step: 'products', requested, changed: changed.slice(IDS_MAX) }
    return toContinuation(requestProducts(settings, now), now)
  }
  for (const id of removed) yield { removed: String(id) }
  return { version: { position, isDifference, categories, epochs } }
}

async function* readProduct(
  body: AsyncIterable<Uint8Array>,
  head: ResponseHead,
  settings: SourceSettings,
  progress: Progress
): AsyncGenerator<unknown, PageEnd> {
  // A 404 of a proxy, for example while the instance restarts, says nothing about the product.
  if (head.isMissing && !head.headers['content-type']?.startsWith(PROBLEM_MEDIA_TYPE))
    throw invalid('the 404 to the request of a product does not come from an instance of this service')
  const product = head.isMissing ? undefined : await readJsonBody(body, head)
  // Editors can read products that are not in the catalog of readers.
  const { status = 'active' } = Object(product) as { status?: unknown }
  if (product === undefined || status !== 'active')
    return yield* requestMore(settings, { ...progress, removed: [...progress.removed, ...progress.requested] })
  yield { product }
  return yield* requestMore(settings, progress)
}

async function* readProducts(
  body: AsyncIterable<Uint8Array>,
  { headers }: ResponseHead,
  settings: SourceSettings,
  progress: Progress
): AsyncGenerator<unknown, PageEnd> {
  if (!headers['content-type']?.startsWith(NDJSON))
    throw invalid(`the export of the products has the content type ${String(headers['content-type']).slice(0, 100)}`)
  const missing = new Set(progress.requested)
  for await (const product of readNdjson(body)) {
    missing.delete((Object(product) as { id: number }).id)
    yield { product }
  }
  return yield* requestMore(settings, { ...progress, removed: [...progress.removed, ...missing] })
}

const toContinuation = (request: SourceRequest, progress: Progress): PageEnd => ({
  continuation: { request, state: new TextEncoder().encode(JSON.stringify(progress)) }
})

function parsePosition(position: string): { epoch: string; revision: number } {
  const [epoch = '', revision] = position.split('.')
  return { epoch, revision: Number(revision) }
}

const invalid = (detail: string) => new SourceError('invalid', { detail })
