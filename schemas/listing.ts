import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { ProductNumber, ProductStatus, ProductSummary, summaryExample } from './product.js'
import { ref } from './ref.js'
import { Count, Decimal, INT32_MAX, Slug, Text } from './scalars.js'
import { Availability, PRICE_MAX } from './variant.js'

export const PAGE_LIMIT_MAX = 100
export const PAGE_LIMIT_DEFAULT = 30
/** Maximum length of a search, in characters. */
export const Q_MAX = 200
/** Maximum number of values of one filter. */
export const FILTER_VALUES_MAX = 50
/** Maximum number of ids in one query. */
export const IDS_MAX = PAGE_LIMIT_MAX
/** Maximum number of values per facet. The values with the most products are kept. */
export const FACET_VALUES_MAX = 200
/** Maximum number of facets in one query. */
export const FACETS_MAX = 20
export const CURSOR_MAX = 6000
export const CURSOR_PATTERN = '^[A-Za-z0-9_-]*$'

export const SORT_KEYS = ['price', 'rating', 'title', 'discount', 'stock', 'createdAt', 'relevance'] as const
export type SortKey = (typeof SORT_KEYS)[number]

/** The facets that count the values of a field. */
export const FACET_FIELDS = ['category', 'brand', 'tag', 'availability', 'price'] as const
export type FacetField = (typeof FACET_FIELDS)[number]
/** Prefix in the names of facets that count the values of an attribute. */
export const ATTRIBUTE_FACET = 'attribute.'
export type AttributeFacetName = `${typeof ATTRIBUTE_FACET}${string}`
export const FACET_PATTERN = `^(${FACET_FIELDS.join('|')}|attribute\\.[^:]*[^:\\t\\n\\r ][^:]*)$`
/** A name and a value, separated by the first colon. */
export const ATTRIBUTE_PATTERN = '^[^:]+:'

export const FacetName = Type.Unsafe<FacetField | AttributeFacetName>(
  Type.String({
    description:
      `Property to count products by: ${FACET_FIELDS.map((field) => `\`${field}\``).join(', ')}, or \`attribute.\` followed by the name of an attribute ` +
      'or an option, such as `attribute.Color`.',
    pattern: FACET_PATTERN,
    maxLength: ATTRIBUTE_FACET.length + 100
  })
)
export type FacetName = Static<typeof FacetName>

export const FacetValue = Type.Object(
  {
    value: Text(
      'Value of the facet. To filter by it, send it in the query parameter with the name of the facet. For an attribute, send `NAME:VALUE` as `attribute`.',
      200
    ),
    count: Count('Number of products with this value: the `total` of the same query with only this value selected.')
  },
  {
    $id: 'FacetValue',
    examples: [{ value: 'beauty', count: 10 }],
    description: 'A facet value with its number of products.'
  }
)
export type FacetValue = Static<typeof FacetValue>

export const PriceRange = Type.Object(
  {
    minPrice: Decimal('Lower bound, inclusive. Send it as `minPrice`.', 0, PRICE_MAX),
    maxPrice: Type.Optional(
      Decimal(
        'Upper bound, inclusive. Send it as `maxPrice`. Absent in the last range, which has no upper bound.',
        0,
        PRICE_MAX
      )
    ),
    count: Count('Number of products in this range: the `total` of the same query with these bounds.')
  },
  {
    $id: 'PriceRange',
    examples: [{ minPrice: 10, maxPrice: 24.99, count: 7 }],
    description: 'A price range with its number of products.'
  }
)
export type PriceRange = Static<typeof PriceRange>

export const AttributeFacet = Type.Object(
  {
    name: Text('Name of the attribute or option.', 100),
    values: Type.Array(ref(FacetValue), {
      description:
        'Values that match at least one product, those with the most products first. Send one as `attribute`, after the name and a colon.',
      maxItems: FACET_VALUES_MAX
    })
  },
  {
    $id: 'AttributeFacet',
    examples: [{ name: 'Color', values: [{ value: 'red', count: 4 }] }],
    description: 'The values of an attribute with their numbers of products.'
  }
)
export type AttributeFacet = Static<typeof AttributeFacet>

const values = (name: string, hint = '') =>
  Type.Optional(
    Type.Array(ref(FacetValue), {
      description: `Values of \`${name}\` that match at least one product, those with the most products first.${hint}`,
      maxItems: FACET_VALUES_MAX
    })
  )

export const Facets = Type.Object(
  {
    category: values('category', ' Products count for the ancestors of their category too.'),
    brand: values('brand'),
    tag: values('tag'),
    availability: values('availability'),
    price: Type.Optional(
      Type.Array(ref(PriceRange), {
        description: 'Price ranges with at least one product, lowest first.',
        maxItems: FACET_VALUES_MAX
      })
    ),
    attributes: Type.Optional(
      Type.Array(ref(AttributeFacet), {
        description: 'The requested attributes, in the order of the request.',
        maxItems: FACETS_MAX
      })
    )
  },
  {
    $id: 'Facets',
    examples: [{ category: [{ value: 'beauty', count: 10 }], price: [{ minPrice: 10, maxPrice: 24.99, count: 7 }] }],
    description:
      'Product counts, one list for each requested facet. The counts of a facet ignore the filter on that facet, so that a shop can also show the other values of the facet.'
  }
)
export type Facets = Static<typeof Facets>

export const ProductPage = Type.Object(
  {
    products: Type.Array(ref(ProductSummary), { description: 'Products on this page.', maxItems: PAGE_LIMIT_MAX }),
    total: Count('Number of products on all pages together.'),
    limit: Count('Page size: the requested `limit` or its default.', 1),
    offset: Type.Optional(Count('Number of products before this page. Absent if the request has a `cursor`.')),
    nextCursor: Type.Optional(
      Text('Cursor of the next page. Send it as `cursor` with the same query. Absent on the last page.', CURSOR_MAX, {
        pattern: CURSOR_PATTERN
      })
    ),
    facets: Type.Optional(ref(Facets))
  },
  {
    $id: 'ProductPage',
    examples: [{ products: [summaryExample], total: 200, limit: 1, offset: 0, nextCursor: 'eyJvIjoxfQ' }],
    description: 'A page of products.'
  }
)
export type ProductPage = Static<typeof ProductPage>

const sortKey = `-?(${SORT_KEYS.join('|')})`
export const SORT_PATTERN = `^${sortKey}(,${sortKey}){0,${SORT_KEYS.length - 1}}$`

/** A filter that matches any of several values. The examples combined match products of both the sample and DummyJSON. */
const anyOf = <T extends TSchema>(item: T, description: string, examples?: Static<T>[]) =>
  Type.Optional(
    Type.Array(item, {
      description: `${description} Repeat the parameter to match any of several values.`,
      maxItems: FILTER_VALUES_MAX,
      ...(examples ? { examples: [examples] } : { default: [] })
    })
  )

export const ProductQuery = Type.Object(
  {
    q: Type.Optional(
      Text(
        'Full-text search in title, brand, category, tags, attributes, options, description, and the SKU, manufacturer part number and barcode of products and variants. A product must contain all words. The last ' +
          'word also matches as a prefix. Case, accents, hyphens and apostrophes are ignored. If no product contains a word, the search falls back ' +
          'to similar spellings. The search uses only the first 16 distinct words. A search without letters and digits finds nothing; a blank one is ignored.',
        Q_MAX,
        { examples: ['beauty'] }
      )
    ),
    category: anyOf(Slug('Category slug.'), 'Category slug. Products of descendants match too.', [
      'beauty',
      'skin-care'
    ]),
    brand: anyOf(
      Text('Brand name.', 200),
      'Brand name, exact match after normalization: white space at the ends and invisible characters do not matter.'
    ),
    tag: anyOf(Text('Tag.', 100), 'Tag, exact match after the same normalization as `brand`.'),
    attribute: anyOf(
      Text('Name and value, separated by a colon.', 301, { pattern: ATTRIBUTE_PATTERN }),
      'Attribute or option: its name, a colon, and its value, such as `Color:red`, both exact after the same normalization as `brand`. A product ' +
        'must match every name, with any of the values for that name. An option matches if the product has the value for any variant.'
    ),
    availability: anyOf(ref(Availability), 'Availability.', ['in-stock', 'low-stock']),
    status: anyOf(
      ref(ProductStatus),
      'Status. Defaults to `active`. `draft` and `archived` require the scope `catalog:write`.',
      ['active']
    ),
    minPrice: Type.Optional(
      Decimal('Minimum current price: `salePrice` during a sale, otherwise `price`.', 0, PRICE_MAX, {
        default: 0,
        examples: [5]
      })
    ),
    maxPrice: Type.Optional(
      Decimal('Maximum current price: `salePrice` during a sale, otherwise `price`.', 0, PRICE_MAX, {
        default: PRICE_MAX,
        examples: [50]
      })
    ),
    minRating: Type.Optional(Decimal('Minimum average rating.', 0, 5, { default: 0, examples: [2.5] })),
    onSale: Type.Optional(
      Type.Boolean({
        description: '`true`: only products that are on sale now. `false`: only the others.',
        examples: [false]
      })
    ),
    minDiscount: Type.Optional(Decimal('Minimum discount, in percent.', 0, 100, { default: 0, examples: [0] })),
    ids: Type.Optional(
      Type.Array(ProductNumber, {
        description:
          'Product ID. Repeat the parameter to get several products, ' +
          `at most ${IDS_MAX}. The response lists them in the order of the parameters unless the request has \`sort\` or \`q\`. IDs of products that do not exist ` +
          `are ignored. With \`ids\`, \`limit\` defaults to ${IDS_MAX}.`,
        maxItems: IDS_MAX,
        default: [],
        examples: [[1, 3, 4, 5]]
      })
    ),
    sort: Type.Optional(
      Type.String({
        description:
          `Sort keys, separated by commas: ${SORT_KEYS.map((key) => `\`${key}\``).join(', ')}. ` +
          'The order is ascending; a `-` in front of a key reverses it. `relevance` sorts the best match first and is ignored without `q`. ' +
          'Products without a value come last. Products with equal keys are sorted by `id`. The default is relevance for a request with `q`, the order of the parameters for a request with `ids`, and `id` otherwise.',
        pattern: SORT_PATTERN,
        maxLength: 100,
        examples: ['-rating,price']
      })
    ),
    limit: Type.Optional(
      Type.Integer({
        format: 'int32',
        minimum: 1,
        maximum: PAGE_LIMIT_MAX,
        default: PAGE_LIMIT_DEFAULT,
        description: 'Page size: the maximum number of products in the response.'
      })
    ),
    offset: Type.Optional(
      Type.Integer({
        format: 'int32',
        minimum: 0,
        maximum: INT32_MAX,
        default: 0,
        description: 'Number of products to skip, from the start of the list or after `cursor`.'
      })
    ),
    cursor: Type.Optional(
      Type.String({
        description:
          'The `nextCursor` of the previous page. The new page starts after the last product of that page, even if products ' +
          'were added or removed since then. Keep all other parameters the same, except `limit`, `offset` and `facets`. ' +
          'An empty cursor starts at the first page.',
        maxLength: CURSOR_MAX,
        pattern: CURSOR_PATTERN,
        default: ''
      })
    ),
    facets: Type.Optional(
      Type.Array(FacetName, {
        description: 'Facet to add to the response. Repeat the parameter to get several.',
        maxItems: FACETS_MAX,
        examples: [['category', 'brand']]
      })
    )
  },
  { additionalProperties: false }
)
export type ProductQuery = Static<typeof ProductQuery>
