import { catalog } from './catalog/catalog.js'
import { dummyjson } from './dummyjson/dummyjson.js'
import { google } from './google/google.js'
import { csv } from './mapped/csv.js'
import { json } from './mapped/json.js'
import { ndjson } from './mapped/ndjson.js'
import { shopify } from './shopify/shopify.js'
import type { SourceKind } from './source-kind.js'
import { woocommerce } from './woocommerce/woocommerce.js'

/** The kinds of sources, by the value of `SOURCE_KIND`. */
export const kinds = {
  dummyjson,
  google,
  shopify,
  woocommerce,
  catalog,
  json,
  ndjson,
  csv
} satisfies Record<string, SourceKind>

export type SourceKindName = keyof typeof kinds
