import { SourceError } from '../../source-error.js'
import { readJsonBody } from '../json-body.js'
import type { SourceKind, SourceRequest, SourceSettings } from '../source-kind.js'
import { mapProduct } from './shopify-mapping.js'

/** Products requested per page: the most that a shop sends. */
const PAGE_SIZE = 250
/** The last page: shops reject requests for products beyond the first 25,000. */
const LAST_PAGE = 100
const PATH = '/products.json'

/**
 * The public product list of a Shopify storefront, or of one of its collections. It has no total: an empty page is the end. A short page is
 * not, because shops leave out hidden products.
 */
export const shopify: SourceKind = {
  // Shops throttle faster clients.
  pace: { requests: 1, period: 1000 },

  hasAddress: ({ pathname }) => pathname.endsWith(PATH),

  first: (settings) => requestPage(settings, 1),

  async *read(body, head) {
    const { products, errors } = Object(await readJsonBody(body, head)) as { products?: unknown; errors?: unknown }
    if (typeof errors === 'string') return { incomplete: errors.slice(0, 200) }
    if (!Array.isArray(products))
      throw new SourceError('invalid', {
        detail: 'the page has no list of products. Check that SOURCE_URL is the address of a Shopify shop'
      })
    yield* products
    return {}
  },

  map: mapProduct,

  next({ request, records, end: { incomplete } }, settings) {
    if (incomplete !== undefined) return { incomplete }
    if (records === 0) return 'whole'
    const page = Number(new URL(request.url).searchParams.get('page'))
    if (page === LAST_PAGE) return { incomplete: `the shop shows only its first ${PAGE_SIZE * LAST_PAGE} products` }
    return requestPage(settings, page + 1)
  }
}

function requestPage({ url }: SourceSettings, page: number): SourceRequest {
  const address = new URL(url)
  if (!address.pathname.endsWith(PATH)) address.pathname = `${address.pathname.replace(/\/$/, '')}${PATH}`
  address.searchParams.set('limit', String(PAGE_SIZE))
  address.searchParams.set('page', String(page))
  return { url: address.href }
}
