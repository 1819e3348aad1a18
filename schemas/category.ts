import { type Static, Type } from '@sinclair/typebox'
import { ref } from './ref.js'
import { Count, Slug, Text } from './scalars.js'

export const Category = Type.Object(
  {
    slug: Slug('Identifier of the category. Products refer to it in `category`.'),
    name: Text('Display name.', 100),
    products: Count('Number of products in the category.')
  },
  { $id: 'Category', examples: [{ slug: 'beauty', name: 'Beauty', products: 10 }], description: 'A product category.' }
)
export type Category = Static<typeof Category>

export const CategoryList = Type.Object(
  {
    categories: Type.Array(ref(Category), { description: 'All categories, sorted by slug.', maxItems: 10_000 })
  },
  {
    $id: 'CategoryList',
    examples: [{ categories: [{ slug: 'beauty', name: 'Beauty', products: 10 }] }],
    description: 'Categories with at least one product.'
  }
)
export type CategoryList = Static<typeof CategoryList>
