import { CATEGORY_NAME_MAX } from '../../../../schemas/category.js'
import { EPOCH_PATTERN, INT32_MAX } from '../../../../schemas/scalars.js'
import { SOURCES_MAX } from '../../../../schemas/service.js'
import { toCategoryName } from '../../../products/categories.js'
import type { SourceCategory } from '../../../products/category-tree.js'
import { SourceError } from '../../source-error.js'
import { SourceRecord } from '../source-record.js'

/* The responses of an instance other than its products. Another release may have sent them, so they are read field by field. */

const EPOCH = new RegExp(`^${EPOCH_PATTERN}$`)

/** The state of an instance. */
interface Info {
  /** The state of its catalog, such as `fresh`. */
  state: string
  epoch: string
  revision: number
  /** The epochs of the catalogs that it reads. */
  epochs: string[]
}

/** Reads the response to `GET /`. @throws {SourceError} */
export function readInfo(body: unknown): Info {
  const { catalog, sources } = Object(body) as { catalog?: unknown; sources?: unknown }
  const { state, epoch, revision } = Object(catalog) as { state?: unknown; epoch?: unknown; revision?: unknown }
  if (!isEpoch(epoch) || !isCount(revision)) {
    const detail =
      'SOURCE_URL is not the address of an instance of this service: the response has no epoch and no revision'
    throw new SourceError('invalid', { detail })
  }
  const epochs = Array.isArray(sources) ? sources.filter(isEpoch).slice(0, SOURCES_MAX - 1) : []
  return { state: String(state), epoch, revision, epochs }
}

/** Reads a page of `GET /changes`. @throws {SourceError} */
export function readChangePage(body: unknown): {
  changes: { kind: unknown; productId: number }[]
  epoch: string
  revision: number
} {
  const { changes, epoch, revision } = Object(body) as { changes?: unknown; epoch?: unknown; revision?: unknown }
  const isChange = (change: unknown) => isCount((Object(change) as { productId?: unknown }).productId)
  if (!Array.isArray(changes) || !changes.every(isChange) || !isEpoch(epoch) || !isCount(revision))
    throw new SourceError('invalid', { detail: 'the list of changes does not have the form of a change page' })
  return { changes, epoch, revision }
}

/**
 * Reads the response to `GET /categories`. Leaves out categories without a usable slug, and names and parents that are not usable.
 * @throws {SourceError}
 */
export function readCategoryList(body: unknown, max: number): SourceCategory[] {
  const { categories } = Object(body) as { categories?: unknown }
  if (!Array.isArray(categories))
    throw new SourceError('invalid', { detail: 'the list of categories does not have the form of such a list' })
  const found = new Map<string, SourceCategory>()
  for (const record of new SourceRecord({ categories }).list('/categories', { maxItems: max })) {
    const slug = record.slug('/slug')
    if (slug === undefined) continue
    const name = record.line('/name', { maxLength: CATEGORY_NAME_MAX }) ?? toCategoryName(slug)
    const position = record.integer('/position', { minimum: 0, maximum: INT32_MAX })
    found.set(slug, { slug, name, parent: record.slug('/parent'), position })
  }
  return [...found.values()]
}

const isEpoch = (value: unknown): value is string => typeof value === 'string' && EPOCH.test(value)

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= INT32_MAX
