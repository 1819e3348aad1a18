import type { ValidateFunction } from 'ajv'
import { SourcePage } from '../../../schemas/source.js'
import { createValidator } from '../../support/validation.js'
import { SourceError } from '../source-error.js'
import { mapProduct } from './dummyjson-mapping.js'
import { readJsonBody } from './json-body.js'
import type { SourceKind, SourceRequest, SourceSettings } from './source-kind.js'

/** Products requested per page. A source may send fewer. */
const PAGE_SIZE = 1000

const isPage: ValidateFunction<SourcePage> = createValidator({ allErrors: false }).compile<SourcePage>(SourcePage)

/** The API of DummyJSON: pages of JSON with the total number of products. */
export const dummyjson: SourceKind = {
  // The API allows 100 in 10 seconds.
  pace: { requests: 80, period: 10_000 },

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

const requestPage = ({ url }: SourceSettings, skip: number): SourceRequest => ({
  url: `${url}/products?limit=${PAGE_SIZE}&skip=${skip}`
})
