import { type Static, Type } from '@sinclair/typebox'
import { ref } from './ref.js'
import { Count, Slug, Text } from './scalars.js'

export const Category = Type.Object(
  {
    slug: Slug('The name that products carry in `category`.'),
    name: Text('Name to show to people.', 100),
    products: Count('How many products it holds.')
  },
  { $id: 'Category', examples: [{ slug: 'beauty', name: 'Beauty', products: 10 }], description: 'A group of products.' }
)
export type Category = Static<typeof Category>

export const CategoryList = Type.Object(
  {
    categories: Type.Array(ref(Category), { description: 'All categories, by slug.', maxItems: 10_000 })
  },
  {
    $id: 'CategoryList',
    examples: [{ categories: [{ slug: 'beauty', name: 'Beauty', products: 10 }] }],
    description: 'The categories that hold at least one product.'
  }
)
export type CategoryList = Static<typeof CategoryList>
