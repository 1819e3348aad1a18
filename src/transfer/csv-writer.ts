import type { Product } from '../../schemas/product.js'
import { columnNames, columns } from './csv-columns.js'
import { markText } from './spreadsheet-text.js'

/** The header (RFC 4180), with its line end. Excel reads a file as UTF-8 only if it starts with the byte order mark. */
export const CSV_HEADER = `\uFEFF${columnNames.join(',')}\r\n`

/**
 * Converts a product to a record (RFC 4180), with its line end.
 * @param version The version tag of the product.
 */
export function toCsv(product: Product, version: string): string {
  const values: Record<string, unknown> = { ...product, ...product.dimensions, version }
  const cells = columnNames.map((name) => {
    const value = values[name]
    // The type of the value decides, not the column: another program may have written to the database.
    if (typeof value === 'number') return toNumberCell(value)
    return quote(markText(columns[name] === 'list' ? join(value as string[]) : String(value ?? '')))
  })
  return `${cells.join(',')}\r\n`
}

/** A number with three decimal places. Spreadsheets in many languages read its decimal point as a thousands separator. */
const THREE_DECIMALS = /^\d{1,3}\.\d{3}$/

/** Adds a zero to three decimal places, so that these spreadsheets do not multiply the number by 1000. */
function toNumberCell(value: number): string {
  const cell = String(value)
  return THREE_DECIMALS.test(cell) ? `${cell}0` : cell
}

/** Quotes more cells than RFC 4180 requires: some programs split cells at a semicolon or a tab, or trim spaces. */
const quote = (cell: string) => (/["\n\r\t,;]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

/** Joins texts with `|`. A backslash escapes `|` and itself. */
const join = (items: readonly string[]) => items.map((item) => item.replaceAll(/[\\|]/g, '\\$&')).join('|')
