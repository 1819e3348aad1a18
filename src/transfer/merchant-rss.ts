import type { ProductAttribute } from '../../schemas/variant.js'
import { CUSTOM_NAMESPACE, GOOGLE_NAMESPACE } from '../products/merchant-feed.js'
import { removeExcludedFromXml } from '../support/xml-characters.js'
import { type MerchantAttribute, type MerchantItem, merchantAttributes } from './merchant-items.js'

/** The start of a feed (RSS 2.0). Its link is relative, because the service does not know the address of the shop. */
export const RSS_HEADER = `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="${GOOGLE_NAMESPACE}" xmlns:c="${CUSTOM_NAMESPACE}">
<channel>
<title>Product Catalog</title>
<link>/</link>
<description>The products of the catalog</description>
`
export const RSS_FOOTER = '</channel>\n</rss>\n'

/** The attributes of a feed that are not part of the format. */
const CUSTOM: ReadonlySet<MerchantAttribute> = new Set(['sku'])
/** The elements of names and values. */
const PARTS = {
  product_detail: ['attribute_name', 'attribute_value'],
  variant_option: ['name', 'value']
} as const

/** Converts an item to an element, with its line end. */
export function toRssItem(item: MerchantItem): string {
  let xml = '<item>\n'
  for (const name of Object.keys(merchantAttributes) as MerchantAttribute[]) {
    const value = item[name] ?? ''
    for (const content of typeof value === 'string' ? [escapeXml(value)] : value.map((part) => toContent(name, part))) {
      const element = CUSTOM.has(name) ? `c:${name}` : `g:${name}`
      if (content !== '') xml += `<${element}>${content}</${element}>\n`
    }
  }
  return `${xml}</item>\n`
}

function toContent(attribute: MerchantAttribute, value: string | ProductAttribute): string {
  if (typeof value === 'string') return escapeXml(value)
  const [name, content] = PARTS[attribute as keyof typeof PARTS]
  return `<g:${name}>${escapeXml(value.name)}</g:${name}><g:${content}>${escapeXml(value.value)}</g:${content}>`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' }

/** Escapes text for XML 1.0. Leaves out the characters that XML excludes. */
export const escapeXml = (text: string): string =>
  removeExcludedFromXml(text).replace(/[&<>\r]/g, (character) => ENTITIES[character] as string)
