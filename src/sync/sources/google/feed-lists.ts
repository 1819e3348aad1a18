import { isListAttribute } from './feed-items.js'

/** Commas before a value of each attribute whose values have parts. Other commas belong to the value before them. */
const SEPARATORS: Record<string, RegExp> = {
  product_detail: /,(?=[^,:]*:[^,:]*:)/,
  variant_option: /,(?=[^,:]*:)/
}
const COMMA = /,\s*/
/** A value, or a part of it between colons, in quotation marks. */
const QUOTED = /(^|[,:]\s*)"((?:[^"]|"")*)"(?=\s*(?:[,:]|$))/g
/** Code points that are no characters stand for quoted separators. */
const PROTECTED = { ',': '\ufdd0', ':': '\ufdd1' }

/**
 * Splits a cell into the values of an attribute. Commas separate the values of a list. A value that contains one may be in quotation marks,
 * which are then doubled within it, and so may be a part of a value.
 */
export function toValues(attribute: string, cell: string): string[] {
  // Google reads a list of categories, of which only the first counts. Other platforms read the cell as one category.
  if (attribute === 'product_type' && cell.trimStart().startsWith('"')) return split(cell.trim(), COMMA).slice(0, 1)
  return isListAttribute(attribute) ? split(cell, SEPARATORS[attribute] ?? COMMA) : [cell]
}

const split = (cell: string, separator: RegExp): string[] => protect(cell).split(separator).map(restore)

const protect = (cell: string) =>
  cell.replace(
    QUOTED,
    (_, before: string, quoted: string) =>
      before + quoted.replaceAll('""', '"').replace(/[,:]/g, (mark) => PROTECTED[mark as keyof typeof PROTECTED])
  )

const restore = (value: string) => value.replaceAll(PROTECTED[','], ',').replaceAll(PROTECTED[':'], ':')
