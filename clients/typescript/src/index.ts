export type * from './generated/types.js'
export type { RequestOptions, Tag, Upload } from './operation.js'
export { ProblemError } from './problem-error.js'
export {
  type ChangesOptions,
  type ClientOptions,
  type Identity,
  ProductCatalog,
  type ProductCatalogOptions,
  type ProductQuery
} from './product-catalog.js'
