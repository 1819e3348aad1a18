import type { ValidateFunction } from 'ajv'
import { SourcePage } from '../../../../schemas/source.js'
import { createValidator } from '../../../support/validation.js'
import { SourceError } from '../../source-error.js'
import { JSON_TYPE, readJsonBody } from '../json-body.js'
import type { SourceKind, SourceRequest, SourceSettings } from '../source-kind.js'
import { mapProduct } from './dummyjson-mapping.js'

/** Products requested per page. A source may send fewer. */
const PAGE_SIZE = 1000
const PATH = '/products'

const isPage: ValidateFunction<SourcePage> = createValidator({ allErrors: false }).compile<SourcePage>(SourcePage)

/** The API of DummyJSON: pages of JSON with the total number of products. */
export const dummyjson: SourceKind = {
  // The API allows 100 in 10 seconds.
  pace: { requests: 80, period: 10_000 },

  // The default source, and every address without a path: one of the API needs none.
  hasAddress: ({ pathname }) => pathname === '/',

  hasContent: ({ type, text }) => JSON_TYPE.test(type) && /^\{\s*"(products|total|skip|limit)"\s*:/.test(text),

  first: (settings) => requestPage(settings, 0),

  async *read(body, head) {
    const page = await readJsonBody(body, head)
    if (!isPage(page)) throw new SourceError('invalid', { detail: 'the page does not have the form of a product page' })
    yield* page.products
    return { total: page.total }
  },

  map: mapProduct,

  next({ records, recordsSoFar, isShifting, end: { total = 0 } }, settings) {
    if (recordsSoFar < total && records > 0) return requestPage(settings, recordsSoFar)
    if (recordsSoFar < total || (recordsSoFar > total && !isShifting))
      throw new SourceError('invalid', { detail: `the source sent ${recordsSoFar} of ${total} products` })
    return 'whole'
  }
}

/** The request of the products after the first ones. `SOURCE_URL` is the base of the API, or the address of its products. */
function requestPage({ url }: SourceSettings, skip: number): SourceRequest {
  const address = new URL(url)
  if (address.protocol === 'file:') return { url }
  if (!address.pathname.endsWith(PATH)) address.pathname = `${address.pathname.replace(/\/$/, '')}${PATH}`
  address.searchParams.set('limit', String(PAGE_SIZE))
  address.searchParams.set('skip', String(skip))
  return { url: address.href }
}
