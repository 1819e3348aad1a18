import * as auth from './auth.js'
import * as category from './category.js'
import * as change from './change.js'
import * as listing from './listing.js'
import * as problem from './problem.js'
import * as product from './product.js'
import * as input from './product-input.js'
import * as service from './service.js'
import * as sync from './sync.js'
import * as transfer from './transfer.js'
import * as variant from './variant.js'
import * as variantInput from './variant-input.js'

/** Every named component of the document, in the order in which the document lists them. */
export const components = [
  auth.Credentials,
  auth.TokenType,
  auth.Token,
  auth.JsonWebKey,
  auth.JsonWebKeySet,
  variant.Availability,
  product.ProductStatus,
  product.Condition,
  product.Dimensions,
  product.Review,
  product.Origin,
  variant.ProductAttribute,
  variant.ProductOption,
  variant.ProductVariant,
  product.ProductSummary,
  product.Product,
  listing.FacetValue,
  listing.PriceRange,
  listing.AttributeFacet,
  listing.Facets,
  listing.ProductPage,
  category.Category,
  category.CategoryList,
  category.CategoryInput,
  input.DimensionsInput,
  variantInput.ProductAttributeInput,
  variantInput.ProductOptionInput,
  variantInput.ProductVariantInput,
  input.ProductInput,
  input.ProductPatch,
  change.ChangeKind,
  change.Change,
  change.ChangePage,
  change.FieldChange,
  change.Author,
  change.HistoryEntry,
  change.History,
  service.CatalogState,
  service.CatalogStatus,
  service.ServiceLinks,
  service.ServiceInfo,
  service.Health,
  service.Check,
  service.Liveness,
  service.Readiness,
  sync.SyncInput,
  sync.FieldOutcome,
  sync.SourceFieldReport,
  sync.QuarantinedProduct,
  sync.SyncReport,
  sync.PlannedChange,
  sync.SyncDryRun,
  sync.SyncState,
  transfer.ImportMode,
  transfer.RefusedRow,
  transfer.ImportReport,
  problem.RequestPart,
  problem.InvalidField,
  problem.Problem
]
