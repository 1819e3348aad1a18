import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { Availability, PRICE_MAX, ProductNumber, ProductSummary, summaryExample } from './product.js'
import { enumeration, ref } from './ref.js'
import { Count, Decimal, INT32_MAX, Slug, Text } from './scalars.js'

export const PAGE_LIMIT_MAX = 100
export const PAGE_LIMIT_DEFAULT = 30
/** The most characters that a search may have. */
export const Q_MAX = 200
/** The most values that one filter may name. */
export const FILTER_VALUES_MAX = 50
/** The most products that can be asked for by id. */
export const IDS_MAX = PAGE_LIMIT_MAX
/** The most values that a facet lists: those with the most products. */
export const FACET_VALUES_MAX = 200
export const CURSOR_MAX = 6000
export const CURSOR_PATTERN = '^[A-Za-z0-9_-]*$'

export const SORT_KEYS = ['price', 'rating', 'title', 'discount', 'stock', 'createdAt', 'relevance'] as const
export type SortKey = (typeof SORT_KEYS)[number]

export const FacetName = enumeration(['category', 'brand', 'tag', 'availability', 'price'], {
  $id: 'FacetName',
  description: 'What products can be counted by.'
})
export type FacetName = Static<typeof FacetName>

export const FacetValue = Type.Object(
  {
    value: Text('The value, as the parameter of the same name takes it.', 200),
    count: Count('How many products choosing it gives: the `total` of the query with this value alone.')
  },
  {
    $id: 'FacetValue',
    examples: [{ value: 'beauty', count: 10 }],
    description: 'One value to choose, and what choosing it gives.'
  }
)
export type FacetValue = Static<typeof FacetValue>

export const PriceRange = Type.Object(
  {
    minPrice: Decimal('Lowest price of the range, as `minPrice` takes it.', 0, PRICE_MAX),
    maxPrice: Type.Optional(
      Decimal('Highest price of the range, as `maxPrice` takes it. Absent in the last, which is open.', 0, PRICE_MAX)
    ),
    count: Count('How many products choosing it gives: the `total` of the query with these bounds.')
  },
  {
    $id: 'PriceRange',
    examples: [{ minPrice: 10, maxPrice: 24.99, count: 7 }],
    description: 'Prices from one bound to another, both included.'
  }
)
export type PriceRange = Static<typeof PriceRange>

const values = (name: string) =>
  Type.Optional(
    Type.Array(ref(FacetValue), {
      description: `Values of \`${name}\`, most products first, without those that no product has.`,
      maxItems: FACET_VALUES_MAX
    })
  )

export const Facets = Type.Object(
  {
    category: values('category'),
    brand: values('brand'),
    tag: values('tag'),
    availability: values('availability'),
    price: Type.Optional(
      Type.Array(ref(PriceRange), {
        description: 'Price ranges, lowest first, without those that no product is in.',
        maxItems: FACET_VALUES_MAX
      })
    )
  },
  {
    $id: 'Facets',
    examples: [{ category: [{ value: 'beauty', count: 10 }], price: [{ minPrice: 10, maxPrice: 24.99, count: 7 }] }],
    description:
      'Counts of the products by what can be chosen next, one list for each facet that was asked for. Each leaves out the ' +
      'filter of its own parameter, so that a shop can let its visitors choose several values.'
  }
)
export type Facets = Static<typeof Facets>

export const ProductPage = Type.Object(
  {
    products: Type.Array(ref(ProductSummary), { description: 'The products of this page.', maxItems: PAGE_LIMIT_MAX }),
    total: Count('How many products there are on all pages together.'),
    limit: Count('The most products that a page can hold, as asked for.', 1),
    offset: Type.Optional(Count('How many products come before this page. Absent on a page that a `cursor` led to.')),
    nextCursor: Type.Optional(
      Text('Leads to the next page: send it as `cursor`, with the same query. Absent on the last page.', CURSOR_MAX, {
        pattern: CURSOR_PATTERN
      })
    ),
    facets: Type.Optional(ref(Facets))
  },
  {
    $id: 'ProductPage',
    examples: [{ products: [summaryExample], total: 200, limit: 1, offset: 0, nextCursor: 'eyJvIjoxfQ' }],
    description: 'One page of a list of products.'
  }
)
export type ProductPage = Static<typeof ProductPage>

const sortKey = `-?(${SORT_KEYS.join('|')})`

/** A filter by any of several values. Examples are such that both the sample and DummyJSON have products of all of them together. */
const anyOf = <T extends TSchema>(item: T, description: string, examples?: Static<T>[]) =>
  Type.Optional(
    Type.Array(item, {
      description: `${description} Repeat it for any of several values.`,
      maxItems: FILTER_VALUES_MAX,
      ...(examples ? { examples: [examples] } : { default: [] })
    })
  )

export const ProductQuery = Type.Object(
  {
    q: Type.Optional(
      Text(
        'Words to search for, in title, brand, category, tags, description and SKU. All of them must match, the last one ' +
          'also as the beginning of a word; case and accents do not matter. A word that no product has stands for those ' +
          'that are spelled nearly like it. The first 16 different words count.',
        Q_MAX,
        { examples: ['beauty'] }
      )
    ),
    category: anyOf(Slug('Slug of a category.'), 'Only products of this category.', ['beauty', 'skin-care']),
    brand: anyOf(Text('A brand.', 200), 'Only products of this brand, spelled exactly so.'),
    tag: anyOf(Text('A tag.', 100), 'Only products with this tag, spelled exactly so.'),
    availability: anyOf(ref(Availability), 'Only products of this availability.', ['in-stock', 'low-stock']),
    minPrice: Type.Optional(
      Decimal('Only products of this price or more, before any discount.', 0, PRICE_MAX, { default: 0, examples: [5] })
    ),
    maxPrice: Type.Optional(
      Decimal('Only products of this price or less, before any discount.', 0, PRICE_MAX, {
        default: PRICE_MAX,
        examples: [50]
      })
    ),
    minRating: Type.Optional(Decimal('Only products rated so or better.', 0, 5, { default: 0, examples: [2.5] })),
    minDiscount: Type.Optional(
      Decimal('Only products with this discount or more, in percent.', 0, 100, { default: 0, examples: [0] })
    ),
    ids: Type.Optional(
      Type.Array(ProductNumber, {
        description:
          'Only these products, in this order unless `sort` or `q` says otherwise; those that do not exist are left out. ' +
          `Repeat it for each, up to ${IDS_MAX} times. The page then holds ${IDS_MAX} where \`limit\` is not set.`,
        maxItems: IDS_MAX,
        default: [],
        examples: [[1, 3, 4, 5]]
      })
    ),
    sort: Type.Optional(
      Type.String({
        description:
          `What to sort by: one or more of ${SORT_KEYS.map((key) => `\`${key}\``).join(', ')}, separated by commas, each with ` +
          '`-` in front of it to turn it around: `price` is cheapest first, `-price` dearest first. `relevance` is best first without a `-`, ' +
          'and counts only with `q`. Ties are in the order of the ids. Without it the order is that of relevance with `q`, that of `ids` ' +
          'where these are asked for, and else that of the ids.',
        pattern: `^${sortKey}(,${sortKey}){0,${SORT_KEYS.length - 1}}$`,
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
        description: 'The most products to put on the page.'
      })
    ),
    offset: Type.Optional(
      Type.Integer({
        format: 'int32',
        minimum: 0,
        maximum: INT32_MAX,
        default: 0,
        description: 'How many products to leave out at the start, or after the `cursor` where there is one.'
      })
    ),
    cursor: Type.Optional(
      Type.String({
        description:
          'The `nextCursor` of a page: continues after its last product, whatever came or went meanwhile. It belongs to its ' +
          'query: all but `limit`, `offset` and `facets` must be as they were. Empty, it is the start.',
        maxLength: CURSOR_MAX,
        pattern: CURSOR_PATTERN,
        default: ''
      })
    ),
    facets: Type.Optional(
      Type.Array(ref(FacetName), {
        description: 'Counts to add to the page. Repeat it for several.',
        maxItems: 5,
        examples: [['category', 'brand']]
      })
    )
  },
  { additionalProperties: false }
)
export type ProductQuery = Static<typeof ProductQuery>
