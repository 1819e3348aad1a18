import { csv } from './csv.js'
import { dummyjson } from './dummyjson.js'
import { google } from './google.js'
import { json } from './json.js'
import { ndjson } from './ndjson.js'
import { shopify } from './shopify.js'
import type { SourceKind } from './source-kind.js'
import { woocommerce } from './woocommerce.js'

/** The kinds of sources, by the value of `SOURCE_KIND`. */
export const kinds = { dummyjson, google, shopify, woocommerce, json, ndjson, csv } satisfies Record<string, SourceKind>

export type SourceKindName = keyof typeof kinds
