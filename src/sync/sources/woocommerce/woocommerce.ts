import { SourceError } from '../../source-error.js'
import { readJsonBody } from '../json-body.js'
import type { PageEnd, ResponseHead, SourceKind, SourceRequest } from '../source-kind.js'
import { isList, toListAddress, usesKeys } from './woocommerce-address.js'
import { mapStoreProduct } from './woocommerce-mapping.js'
import { mapRestProduct } from './woocommerce-rest-mapping.js'
import { addVariations, awaitVariations } from './woocommerce-variations.js'

/**
 * A shop of WooCommerce: the Store API, which is public, or version 3 of the REST API, which needs keys. Both list products without the
 * fields of their variations, so each page is followed by requests for these.
 */
export const woocommerce: SourceKind = {
  // Shops that limit the Store API allow 25 in 10 seconds.
  pace: { requests: 20, period: 10_000 },

  hasAddress: (address) => isList(address),

  first: (settings) => requestPage(toListAddress(settings), 1),

  async *read(body, head, _settings, state) {
    if (state) return yield* addVariations(state, head.isMissing ? [] : await readList(body, head), head)
    const products = await readList(body, head)
    const end: PageEnd = { total: readCount(head, 'x-wp-total'), pages: readCount(head, 'x-wp-totalpages') }
    return yield* awaitVariations(products, end, head)
  },

  map: (record, settings) =>
    usesKeys(settings) ? mapRestProduct(record, settings) : mapStoreProduct(record, settings),

  next({ request, records, recordsSoFar, isShifting, end: { total, pages } }) {
    const address = new URL(request.url)
    const page = Number(address.searchParams.get('page'))
    const isLast = records === 0 || (pages !== undefined && page >= pages) || recordsSoFar === total
    if (!isLast) return requestPage(address, page + 1)
    // If products were removed during the reading, some have moved to pages that were already read.
    if (total === undefined || recordsSoFar >= total || isShifting) return 'whole'
    return { incomplete: `the source sent ${recordsSoFar} of ${total} products` }
  }
}

function requestPage(address: URL, page: number): SourceRequest {
  address.searchParams.set('page', String(page))
  return { url: address.href }
}

async function readList(body: AsyncIterable<Uint8Array>, head: ResponseHead): Promise<unknown[]> {
  const list = await readJsonBody(body, head)
  if (Array.isArray(list)) return list
  throw new SourceError('invalid', {
    detail: 'the page is no list of products. Check that SOURCE_URL is the address of a WooCommerce shop'
  })
}

/** Reads a header with a number; undefined if a proxy has removed it. */
function readCount({ headers }: ResponseHead, name: string): number | undefined {
  const text = headers[name]?.trim() ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
