import type { Product } from '../../schemas/product.js'
import { type CellType, columnNames, columns } from './csv-columns.js'
import { joinAttributes, joinList, joinOptions } from './csv-lists.js'
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
    return quote(markText(toText(value, columns[name])))
  })
  return `${cells.join(',')}\r\n`
}

function toText(value: unknown, type: CellType): string {
  switch (type) {
    case 'list':
      return joinList(value as string[])
    case 'attributes':
      return joinAttributes(value as Product['attributes'])
    case 'options':
      return joinOptions(value as Product['options'])
    case 'json':
      // An empty list is an empty cell in all columns.
      return (value as unknown[]).length === 0 ? '' : JSON.stringify(value)
    default:
      return String(value ?? '')
  }
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
