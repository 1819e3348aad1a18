import type { CsvDialect } from '../support/csv-dialect.js'
import { formatValue } from '../support/validation-errors.js'
import { type CellType, type Column, columns } from './csv-columns.js'
import { splitAttributes, splitList, splitOptions } from './csv-lists.js'
import { describeExcess } from './rows.js'
import { describeDamage, unmarkText } from './spreadsheet-text.js'

/** The value of a cell, or the reason why it is rejected. */
export type ReadCell = { value: unknown; refused?: undefined } | { value?: undefined; refused: string }

/**
 * Reads a cell that is not blank.
 * @param decimalMark The decimal mark of the file; undefined if it is not known.
 */
export function readCell(cell: string, name: Column, decimalMark: DecimalMark | undefined): ReadCell {
  const type = columns[name]
  const text = unmarkText(cell)
  if (type === 'number') return text === '' ? { value: null } : readNumber(cell.trim(), decimalMark)
  // The mark shows that the text is intentional.
  const damage = text === cell ? describeDamage(cell.trim(), type === 'identifier') : undefined
  if (damage !== undefined) {
    const hint = 'Correct it, or write an apostrophe in front of the text to import it unchanged'
    return { refused: `${damage} (got ${formatValue(cell)}). ${hint}` }
  }
  return readText(text, type)
}

function readText(text: string, type: CellType): ReadCell {
  switch (type) {
    case 'list':
      return { value: splitList(text) }
    case 'attributes':
      return toPairs(splitAttributes(text))
    case 'options':
      return toPairs(splitOptions(text))
    case 'json':
      return readJson(text)
    default:
      return { value: text }
  }
}

const toPairs = (value: unknown[] | string): ReadCell =>
  typeof value === 'string'
    ? { refused: `must be names and values such as "Color: red", separated by | (got ${formatValue(value)})` }
    : { value }

function readJson(text: string): ReadCell {
  if (text === '') return { value: [] }
  const refused = describeExcess(Buffer.from(text))
  if (refused !== undefined) return { refused }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return { refused: `must be JSON as in an export (got ${formatValue(text)})` }
  }
}

export type DecimalMark = '.' | ','
/** The decimal mark until a number in the file shows another. Programs that separate cells by semicolons usually write a comma. */
export const DECIMAL_MARKS: Record<CsvDialect['separator'], DecimalMark | undefined> = {
  ',': '.',
  ';': ',',
  '\t': undefined
}
/** A number with a decimal point or a decimal comma. */
const NUMBER = /^-?\d+([.,]\d+)?(e[+-]?\d+)?$/i
/** A number whose mark is a decimal mark in some languages, and a thousands separator in others. */
const AMBIGUOUS = /^-?\d{1,3}[.,]\d{3}$/

/** Finds a number in a record that shows which decimal mark the program writes. */
export function findDecimalMark(
  cells: readonly string[],
  header: readonly (Column | undefined)[]
): DecimalMark | undefined {
  for (const [i, name] of header.entries()) {
    const cell = cells[i]?.trim() ?? ''
    if (name === undefined || columns[name] !== 'number' || AMBIGUOUS.test(cell)) continue
    const mark = NUMBER.exec(cell)?.[1]?.[0]
    if (mark !== undefined) return mark as DecimalMark
  }
  return undefined
}

function readNumber(cell: string, decimalMark: DecimalMark | undefined): ReadCell {
  if (!NUMBER.test(cell)) return { refused: `must be a number (got ${formatValue(cell)})` }
  const decimal = cell.replace(',', '.')
  if (AMBIGUOUS.test(cell) && (decimalMark === undefined || !cell.includes(decimalMark))) {
    return { refused: `is ambiguous (got ${formatValue(cell)}). Write ${decimal.replace('.', '')} or ${decimal}0` }
  }
  return { value: Number(decimal) }
}
