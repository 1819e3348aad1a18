/**
 * Version of the rendering: the JSON of products, lists and categories, the indexed values and the search documents. If one of them
 * changes, `test/products/rendering.test.ts` fails until you increase this number. The next start then rebuilds the stored forms, and
 * entity tags of earlier releases no longer match.
 */
export const RENDERING = 7
