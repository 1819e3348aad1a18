import type { ProductAttribute } from '../../schemas/variant.js'
import { type MerchantAttribute, type MerchantItem, merchantAttributes } from './merchant-items.js'

const names = Object.keys(merchantAttributes) as MerchantAttribute[]

/** The names of the columns, with their line end. */
export const MERCHANT_TSV_HEADER = `${names.join('\t')}\n`

/**
 * Converts an item to a row, with its line end. Platforms read it, not spreadsheets, so texts that look like formulas are not marked: the
 * mark would be part of the text.
 */
export const toTsvRow = (item: MerchantItem): string =>
  `${names.map((name) => quoteCell(toCell(name, item[name] ?? ''))).join('\t')}\n`

function toCell(attribute: MerchantAttribute, value: string | readonly (string | ProductAttribute)[]): string {
  if (typeof value === 'string') return value
  return value.map((part) => (typeof part === 'string' ? quoteValue(part) : toPair(attribute, part))).join(',')
}

/** Joins a name and a value. The section of a detail is empty. */
const toPair = (attribute: MerchantAttribute, { name, value }: ProductAttribute) =>
  `${attribute === 'product_detail' ? ':' : ''}${quotePart(name)}:${quotePart(value)}`

const quotePart = (text: string) => (text.includes(':') ? quote(text) : quoteValue(text))
const quoteValue = (text: string) => (/[",]/.test(text) ? quote(text) : text)
const quoteCell = (text: string) => (/["\t\r\n]/.test(text) ? quote(text) : text)
const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
