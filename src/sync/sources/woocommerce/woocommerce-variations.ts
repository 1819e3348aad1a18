import { VARIANTS_MAX } from '../../../../schemas/variant.js'
import { isObject } from '../../../support/is-object.js'
import type { PageEnd, ResponseHead } from '../source-kind.js'
import { PAGE_SIZE, toVariationsAddress } from './woocommerce-address.js'

/** Products whose variations have not all been read. */
interface Waiting {
  products: unknown[]
  /** The variations of the first product that have been read. */
  found: unknown[]
  /** The ids of the variations to read. */
  ids: number[]
}

/** Yields the products without variations. The others wait for them. */
export function* awaitVariations(
  products: readonly unknown[],
  end: PageEnd,
  head: ResponseHead
): Generator<unknown, PageEnd> {
  const waiting: Waiting = { products: [], found: [], ids: [] }
  for (const product of products) {
    const ids = idsOf(product)
    if (ids.length === 0) yield product
    else {
      waiting.products.push(product)
      waiting.ids.push(...ids)
    }
  }
  return { ...end, ...toContinuation(waiting, head) }
}

/**
 * Yields the products whose variations have all been read.
 * @param state The products that waited.
 * @param variations The variations that the source has sent. It does not send those that it hides.
 */
export function* addVariations(
  state: Uint8Array,
  variations: readonly unknown[],
  head: ResponseHead
): Generator<unknown, PageEnd> {
  const { products, found, ids } = JSON.parse(new TextDecoder().decode(state)) as Waiting
  const known = [...found, ...variations].filter(isVariation)
  // Shops before version 10.3 have no list of variations in their REST API.
  const unread = head.isMissing ? [] : ids.slice(PAGE_SIZE)
  const isUnread = new Set(unread)
  const byId = new Map(known.map((variation) => [Number(variation.id), variation]))
  const waiting: unknown[] = []
  for (const product of products) {
    if (idsOf(product).some((id) => isUnread.has(id))) waiting.push(product)
    else yield withVariations(product, byId)
  }
  const [first] = waiting
  const ofFirst = new Set(idsOf(first))
  return toContinuation(
    { products: waiting, found: known.filter(({ id }) => ofFirst.has(Number(id))), ids: unread },
    head
  )
}

function toContinuation(waiting: Waiting, { url }: ResponseHead): PageEnd {
  if (waiting.ids.length === 0) return {}
  return {
    continuation: {
      request: { url: toVariationsAddress(url, waiting.ids.slice(0, PAGE_SIZE)).href, isOptional: true },
      state: new TextEncoder().encode(JSON.stringify(waiting))
    }
  }
}

/** Returns the ids of the variations of a product. The Store API sends them with their options, the REST API alone. */
function idsOf(product: unknown): number[] {
  const { variations } = Object(product) as { variations?: unknown }
  if (!Array.isArray(variations)) return []
  return variations
    .slice(0, VARIANTS_MAX)
    .map(idOf)
    .filter((id) => Number.isSafeInteger(id) && id > 0)
}

const isVariation = (value: unknown): value is { id?: unknown } => isObject(value)

const idOf = (variation: unknown): number => Number(isVariation(variation) ? variation.id : variation)

/** Adds the fields of the variations. Their options stay as the Store API sends them with the product. */
function withVariations(product: unknown, byId: ReadonlyMap<number, object>): unknown {
  const { variations, ...fields } = product as { variations: unknown[] }
  return {
    ...fields,
    variations: variations.map((variation) => {
      const found = byId.get(idOf(variation))
      return found && isObject(variation) ? { ...found, ...variation } : (found ?? variation)
    })
  }
}
