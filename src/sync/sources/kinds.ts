import { dummyjson } from './dummyjson.js'
import { shopify } from './shopify.js'
import type { SourceKind } from './source-kind.js'

/** The kinds of sources, by the value of `SOURCE_KIND`. */
export const kinds = { dummyjson, shopify } satisfies Record<string, SourceKind>

export type SourceKindName = keyof typeof kinds

/** Returns the kind of a source by its address. */
export const recognizeKind = (url: string): SourceKindName =>
  new URL(url).pathname.endsWith('/products.json') ? 'shopify' : 'dummyjson'
