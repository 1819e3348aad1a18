import type { Product } from '../../schemas/product.js'
import { CSV, NDJSON, RSS, TSV } from '../../schemas/transfer.js'
import type { CategoryTree } from '../products/category-tree.js'
import { CSV_HEADER, toCsv } from './csv-writer.js'
import { toMerchantItems } from './merchant-items.js'
import { RSS_FOOTER, RSS_HEADER, toRssItem } from './merchant-rss.js'
import { MERCHANT_TSV_HEADER, toTsvRow } from './merchant-tsv.js'

/** A format of exports. */
interface ExportFormat {
  mediaType: string
  /** Whether the media type has a `charset`. */
  isText: boolean
  /** Whether it is a merchant feed: it has one row per variant, and no drafts and archived products. */
  isFeed: boolean
  /** Extensions of files without the dot. The service uses the first one. */
  extensions: readonly [string, ...string[]]
  header: string
  footer: string
  /** Converts the JSON of a product to rows. @param version Its version tag. */
  toRows: (json: string, version: string, categories: CategoryTree) => Iterable<string>
}

export type Format = 'ndjson' | 'csv' | 'rss' | 'tsv'

/** The formats of exports. If a request permits several equally, the first one is used. */
export const formats: Record<Format, ExportFormat> = {
  ndjson: {
    mediaType: NDJSON,
    isText: false,
    isFeed: false,
    extensions: ['ndjson'],
    header: '',
    footer: '',
    toRows: (json, version) => [`${escapeLineEnds(json).slice(0, -1)},"version":"${version}"}\n`]
  },
  csv: {
    mediaType: CSV,
    isText: true,
    isFeed: false,
    extensions: ['csv'],
    header: CSV_HEADER,
    footer: '',
    toRows: (json, version) => [toCsv(JSON.parse(json) as Product, version)]
  },
  rss: {
    mediaType: RSS,
    isText: true,
    isFeed: true,
    extensions: ['xml', 'rss'],
    header: RSS_HEADER,
    footer: RSS_FOOTER,
    *toRows(json, _, categories) {
      for (const item of toMerchantItems(JSON.parse(json) as Product, categories)) yield toRssItem(item)
    }
  },
  tsv: {
    mediaType: TSV,
    isText: true,
    isFeed: true,
    extensions: ['tsv'],
    header: MERCHANT_TSV_HEADER,
    footer: '',
    *toRows(json, _, categories) {
      for (const item of toMerchantItems(JSON.parse(json) as Product, categories)) yield toTsvRow(item)
    }
  }
}

/** Escapes the line ends of Unicode in JSON, because some programs split lines at them. */
const escapeLineEnds = (json: string) => json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
