import * as auth from './auth.js'
import * as category from './category.js'
import * as problem from './problem.js'
import * as product from './product.js'
import * as service from './service.js'

/** Every named component of the document, in the order in which the document lists them. */
export const components = [
  auth.Credentials,
  auth.TokenType,
  auth.Token,
  auth.JsonWebKey,
  auth.JsonWebKeySet,
  product.Availability,
  product.Dimensions,
  product.Review,
  product.ProductSummary,
  product.Product,
  product.FacetName,
  product.FacetValue,
  product.PriceRange,
  product.Facets,
  product.ProductPage,
  category.Category,
  category.CategoryList,
  service.CatalogState,
  service.CatalogStatus,
  service.ServiceLinks,
  service.ServiceInfo,
  service.Health,
  service.Check,
  service.Liveness,
  service.Readiness,
  problem.RequestPart,
  problem.InvalidField,
  problem.Problem
]
