import { type Static, Type } from '@sinclair/typebox'
import { filled } from './input-text.js'
import { ref } from './ref.js'
import { Count, SLUG_PATTERN, Slug, Text } from './scalars.js'

/** Maximum length of the name of a category, in characters. */
export const CATEGORY_NAME_MAX = 100

const example = { slug: 'beauty', name: 'Beauty', products: 10, edited: [] }

/** Maximum number of categories in a list. */
export const CATEGORY_LIST_MAX = 10_000

export const Category = Type.Object(
  {
    slug: Slug('Identifier of the category. Products refer to it in `category`.'),
    name: Text('Display name.', CATEGORY_NAME_MAX),
    parent: Type.Optional(Slug('Slug of the parent category. Absent at the top level.')),
    position: Type.Optional(Count('Position that an editor or the source has set. Absent if neither has set one.')),
    products: Count('Number of products in the category and its descendants.'),
    edited: Type.Array(Text('Field name.', 50, { pattern: '^[a-z]+$' }), {
      description: 'Names of the fields that editors have set. They no longer follow the source.',
      maxItems: 3
    })
  },
  { $id: 'Category', examples: [example], description: 'A product category.' }
)
export type Category = Static<typeof Category>

export const CategoryList = Type.Object(
  {
    categories: Type.Array(ref(Category), {
      description:
        'The categories. Those with a `position` come first, the lowest first. The others are sorted by name.',
      maxItems: CATEGORY_LIST_MAX
    })
  },
  {
    $id: 'CategoryList',
    examples: [{ categories: [example] }],
    description: 'Categories with at least one product in them or in a descendant.'
  }
)
export type CategoryList = Static<typeof CategoryList>

export const CategoryInput = Type.Object(
  {
    name: Type.Optional(
      filled(Text('Display name.', CATEGORY_NAME_MAX), {
        description:
          'Display name. The service normalizes it like the title of a product. If omitted, the name follows the source.',
        examples: ['Beauty']
      })
    ),
    parent: Type.Optional(
      Type.String({
        description:
          'Slug of an existing category that becomes the parent. An empty string moves the category to the top level. If omitted, the ' +
          'parent follows the source.',
        pattern: `^(${SLUG_PATTERN.slice(1, -1)})?$`,
        maxLength: 100,
        examples: ['']
      })
    ),
    position: Type.Optional({
      ...Count('Position in the list. Categories without a position come after those with one.'),
      examples: [1]
    })
  },
  {
    $id: 'CategoryInput',
    additionalProperties: false,
    description: 'The fields of a category that an editor sets. They replace all earlier edits of the category.'
  }
)
export type CategoryInput = Static<typeof CategoryInput>

/** Path parameters of an operation that changes a category. They have no example: a request with it could change a category. */
export const CategorySlug = Type.Object({ slug: Slug('Slug of the category.') }, { additionalProperties: false })
