import { dummyjson } from './dummyjson.js'
import { google } from './google.js'
import { shopify } from './shopify.js'
import type { SourceKind } from './source-kind.js'

/** The kinds of sources, by the value of `SOURCE_KIND`. */
export const kinds = { dummyjson, google, shopify } satisfies Record<string, SourceKind>

export type SourceKindName = keyof typeof kinds
