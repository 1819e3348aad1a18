import type { FieldRule, MappedField } from '../../../../schemas/source-mapping.js'
import { htmlToText } from '../../../products/html.js'
import { currencyDigits } from '../../../products/money.js'
import { SourceRecord } from '../source-record.js'
import type { ExpressionResults } from './expressions.js'
import { toPointerStep } from './mapping-fields.js'

/** A record or a variant, with the results of the expressions for it. */
export interface MappedInput {
  record: SourceRecord
  results: ExpressionResults | undefined
}

/**
 * Finds the value of a field as a mapping says.
 * @param name The name of the field. It stands for the pointer of values that are not at one place in the record.
 * @returns The value as a part of the record, with its pointer. Its readers check it.
 */
export function findValue(
  { record, results }: MappedInput,
  name: string,
  field: MappedField | undefined
): SourceRecord {
  const rule: FieldRule = typeof field === 'string' ? { pointer: field } : (field ?? {})
  const pointers = rule.pointers ?? (rule.pointer === undefined ? [] : [rule.pointer])
  const used = pointers.find((pointer) => record.value(pointer) !== undefined) ?? pointers[0]
  const pointer = used ?? toPointerStep(name)
  let value = used === undefined ? rule.value : record.value(used)
  const result = results?.get(rule)
  if (result && 'problem' in result) record.part(undefined, pointer).drop('', result.problem)
  else if (result) value = result.value
  const converted = convert(value, rule)
  return record.part(isMissing(converted) ? rule.default : converted, pointer)
}

/** Reads a price. */
export function readMoney(
  input: MappedInput,
  name: string,
  field: MappedField | undefined,
  currency: string
): number | undefined {
  const inMinorUnits = typeof field === 'object' && field.minorUnits
  return findValue(input, name, field).money('', currency, inMinorUnits ? currencyDigits(currency) : 0)
}

/** Returns a value as a list. A single value becomes a list of one. */
export function asList(part: SourceRecord): SourceRecord {
  const value = part.value('')
  return value === undefined || Array.isArray(value) ? part : part.part([value], '')
}

const isMissing = (value: unknown) => value === undefined || value === null || value === ''

function convert(value: unknown, rule: FieldRule): unknown {
  const { separator, items } = rule
  if (separator !== undefined && typeof value === 'string')
    return value.split(separator).map((item) => convertItem(item.trim(), rule))
  if (!Array.isArray(value)) return convertItem(value, rule)
  return value.map((item) => {
    const found = items === undefined ? item : new SourceRecord(item).value(items)
    return convertItem(found, rule)
  })
}

function convertItem(value: unknown, rule: FieldRule): unknown {
  const { html, words } = rule
  if (words && (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')) {
    const word = findTable(words).get(toKey(String(value)))
    if (word !== undefined) return word
  }
  if (html && typeof value === 'string') return htmlToText(value)
  return value
}

/** The tables of words, whose keys are compared in any case. */
const tables = new WeakMap<Record<string, string>, Map<string, string>>()

const toKey = (word: string) => word.trim().toLowerCase()

function findTable(words: Record<string, string>): Map<string, string> {
  let table = tables.get(words)
  if (!table) {
    table = new Map(Object.entries(words).map(([word, own]) => [toKey(word), own]))
    tables.set(words, table)
  }
  return table
}
