import { isListAttribute } from './feed-items.js'

/** Commas before a value of each attribute whose values have parts. Other commas belong to the value before them. */
const SEPARATORS: Record<string, RegExp> = {
  product_detail: /,(?=[^,:]*:[^,:]*:)/g,
  variant_option: /,(?=[^,:]*:)/g
}
const COMMA = /,\s*/g
/** A value, or a part of it between colons, in quotation marks. */
const QUOTED = /(^|[,:]\s*)"((?:[^"]|"")*)"(?=\s*(?:[,:]|$))/g

/**
 * Splits a cell into the values of an attribute. Commas separate the values of a list. A value or a part of it that contains a comma may be
 * in quotation marks; quotation marks within it are then doubled.
 */
export function toValues(attribute: string, cell: string): string[] {
  // Google reads a list of categories, of which only the first counts. Other platforms read the cell as one category.
  if (attribute === 'product_type' && cell.trimStart().startsWith('"')) return split(cell.trim(), COMMA).slice(0, 1)
  return isListAttribute(attribute) ? split(cell, SEPARATORS[attribute] ?? COMMA) : [cell]
}

function split(cell: string, separator: RegExp): string[] {
  const text = unquote(cell, (part) => part)
  // Has a letter in place of each quoted comma and colon, so the other ones are at the same positions as in the text.
  const outline = unquote(cell, (part) => part.replace(/[,:]/g, 'x'))
  const values: string[] = []
  let start = 0
  for (const { 0: found, index } of outline.matchAll(separator)) {
    values.push(text.slice(start, index))
    start = index + found.length
  }
  return [...values, text.slice(start)]
}

/** Replaces each part in quotation marks with its content, which `convert` may change. */
const unquote = (cell: string, convert: (content: string) => string): string =>
  cell.replace(QUOTED, (_, before: string, quoted: string) => before + convert(quoted.replaceAll('""', '"')))
