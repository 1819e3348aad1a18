import { PRICE_MAX } from '../../../schemas/variant.js'
import { type CategoryStep, toCategoryPath, toCategorySlug } from '../../products/categories.js'
import { htmlToText, looksLikeHtml } from '../../products/html.js'
import { isCurrency, roundPrice } from '../../products/money.js'
import { toCode, toLine, toLines } from '../../products/text.js'
import { parseTime } from './source-time.js'
import {
  isSlug,
  isWebUrl,
  type ListLimits,
  lengthOf,
  type NumberLimits,
  parseList,
  repairUrl,
  type TextLimits,
  toSegments,
  toWords,
  type UsualForms,
  withoutControls
} from './source-values.js'

/** What is wrong with a field of a record. */
export interface FieldProblem {
  /** JSON Pointer (RFC 6901) to the field. */
  pointer: string
  /** The rule that the value violates, such as `must be a number`. */
  problem: string
  /** The value as received; undefined if it is missing. */
  value: unknown
}

/** A field that differs from what the source sent: it was corrected, or left out. */
export interface FieldReport extends FieldProblem {
  outcome: 'repaired' | 'dropped'
}

/** Maximum number of reports per record. */
const REPORTS_MAX = 100
/** Maximum length of the name of a category that becomes a slug. */
const CATEGORY_TEXT_MAX = 1000
/** Maximum number of names in the path of a category. */
const CATEGORY_DEPTH_MAX = 20
/** Characters of a text, per character of its limit, that are normalized. A longer text would take seconds. */
const RAW_FACTOR = 20
/** Maximum number of values of a list. */
export const ITEMS_MAX = 1000

/** Whether a value can be converted to text. An object of JSON can have a property `toString` that is no function. */
const isScalar = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number'
const DECIMAL = /^[+-]?\d+(\.\d*)?$/

/**
 * A record of a source, whose fields are read by JSON Pointer. A missing, null or empty field is undefined. The record repairs values that
 * are not quite as they should be, and drops those that cannot be used. It reports both, so that a mapping need not check anything.
 */
export class SourceRecord {
  readonly #value: unknown
  /** The pointer of the record within the whole record. */
  readonly #path: string
  readonly reports: FieldReport[]

  readonly #forms: UsualForms

  /** @param path The pointer to the value within the whole record. */
  constructor(value: unknown, forms: UsualForms = {}, path = '', reports: FieldReport[] = []) {
    this.#value = value
    this.#path = path
    this.#forms = forms
    this.reports = reports
  }

  /** Reads an id: text, or a whole number that JSON represents exactly. It is never repaired. */
  id(pointer: string, { maxLength }: TextLimits): string | undefined {
    const value = this.#read(pointer)
    if (value === undefined) return undefined
    if (typeof value === 'number') {
      if (Number.isSafeInteger(value)) return String(value)
      return this.#drop(pointer, value, 'must be a whole number below 2^53, or a string')
    }
    if (typeof value !== 'string') return this.#drop(pointer, value, 'must be a string or an integer')
    return this.#limitCode(pointer, value, maxLength)
  }

  /** Reads a code that identifies something, such as a SKU. It is dropped if it is too long, because a part of it would be wrong. */
  code(pointer: string, { maxLength }: TextLimits): string | undefined {
    const text = this.#plainText(pointer)
    return text === undefined ? undefined : this.#limitCode(pointer, text, maxLength)
  }

  /** Reads text of one line. It is shortened if it is too long. */
  line(pointer: string, { maxLength }: TextLimits): string | undefined {
    return this.#limitText(pointer, this.#plainText(pointer), toLine, maxLength)
  }

  /** Reads text of several lines. It is shortened if it is too long. */
  lines(pointer: string, { maxLength }: TextLimits): string | undefined {
    return this.#limitText(pointer, this.#text(pointer), toLines, maxLength)
  }

  /**
   * Reads HTML as text of several lines. It is shortened if it is too long.
   * @param prepare Removes parts of the HTML that are no text.
   */
  html(pointer: string, { maxLength }: TextLimits, prepare = (html: string) => html): string | undefined {
    const html = this.#text(pointer)
    return html === undefined ? undefined : this.#limitText(pointer, htmlToText(prepare(html)), toLines, maxLength)
  }

  /** Reads text of several lines that may be HTML. It is shortened if it is too long. */
  textOrHtml(pointer: string, limits: TextLimits): string | undefined {
    return looksLikeHtml(this.#text(pointer) ?? '') ? this.html(pointer, limits) : this.lines(pointer, limits)
  }

  /** Reads text in another format. @param parse Returns undefined if the text does not have the format. */
  parsed<T>(pointer: string, parse: (text: string) => T | undefined, problem: string): T | undefined {
    const text = this.#text(pointer)
    return text === undefined ? undefined : (parse(text) ?? this.#drop(pointer, text, problem))
  }

  /** Reads a whole number. Decimals are rounded down, and numbers below the minimum become the minimum. */
  integer(pointer: string, limits: NumberLimits): number | undefined {
    const value = this.decimal(pointer, limits)
    if (value === undefined || Number.isInteger(value)) return value
    this.#repair(pointer, value, 'must be an integer')
    return Math.floor(value)
  }

  /** Reads a number. Numbers below the minimum become the minimum. */
  decimal(
    pointer: string,
    { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY }: NumberLimits
  ): number | undefined {
    const value = this.#number(pointer)
    if (value === undefined) return undefined
    if (value > maximum) return this.#drop(pointer, value, `must be at most ${maximum}`)
    if (value >= minimum) return value
    this.#repair(pointer, value, `must be at least ${minimum}`)
    return minimum
  }

  /**
   * Reads a price. It is rounded to the decimal places of its currency, half up.
   * @param digits Decimal places of the unit in which the source gives the price: 2 for cents, 0 for major units.
   */
  money(pointer: string, currency: string, digits = 0): number | undefined {
    const units = this.#number(pointer)
    if (units === undefined) return undefined
    const value = units / 10 ** digits
    if (value < 0) return this.#drop(pointer, units, 'must be at least 0')
    if (value > PRICE_MAX) return this.#drop(pointer, units, `must be at most ${PRICE_MAX}`)
    return roundPrice(value, currency)
  }

  /** Reads a web address. */
  url(pointer: string): string | undefined {
    return this.#url(pointer, this.#read(pointer))
  }

  /** Reads a list of web addresses. Repeated ones are left out. A text that is itself a list in JSON is repaired. */
  urls(pointer: string, { maxItems }: ListLimits): string[] {
    const items = this.#items(pointer, maxItems).flatMap((value, i) => this.#urlsIn(`${pointer}/${i}`, value))
    return [...new Set(items.filter((url) => url !== undefined))].slice(0, maxItems)
  }

  /** Reads a time. One without a time zone is in UTC. */
  time(pointer: string): string | undefined {
    const value = this.#read(pointer)
    if (value === undefined) return undefined
    const time = isScalar(value) ? parseTime(String(value)) : undefined
    if (time === undefined) return this.#drop(pointer, value, 'must be a date and time such as 2026-11-24T08:30:00Z')
    const isComplete = /^.{10}T.{5}.*(Z|[+-]\d\d:?\d\d)$/i.test(String(value))
    if (!isComplete && !this.#forms.hasTimesWithoutZone) this.#repair(pointer, value, 'must have a time zone')
    return time
  }

  /** Reads a truth value. */
  boolean(pointer: string): boolean | undefined {
    const value = this.#read(pointer)
    if (value === undefined || typeof value === 'boolean') return value
    const text = isScalar(value) ? String(value).trim().toLowerCase() : ''
    const isTrue = text === 'true' || text === '1' || text === 'yes'
    if (!isTrue && text !== 'false' && text !== '0' && text !== 'no')
      return this.#drop(pointer, value, 'must be true or false')
    this.#repair(pointer, value, 'must be true or false')
    return isTrue
  }

  /** Reads one of several words, in any case. Blanks, hyphens and underscores are the same. */
  choice<T>(pointer: string, choices: Readonly<Record<string, T>>): T | undefined {
    const text = this.#text(pointer)
    if (text === undefined) return undefined
    const key = Object.keys(choices).find((key) => toWords(key) === toWords(text))
    return key === undefined
      ? this.#drop(pointer, text, `must be one of ${Object.keys(choices).join(', ')}`)
      : choices[key]
  }

  /** Reads the slug of a category. Another text becomes a slug. */
  slug(pointer: string): string | undefined {
    const text = this.#text(pointer)
    if (text === undefined || isSlug(text)) return text
    const slug = toCategorySlug(text.slice(0, CATEGORY_TEXT_MAX))
    if (slug === '') return this.#drop(pointer, text, 'must contain a letter, a digit or a symbol')
    this.#repair(pointer, text, 'must be a slug such as mens-shirts')
    return slug
  }

  /** Reads the name of a category, or its path. @param separator The text between the names of a path; undefined for one name. */
  category(pointer: string, separator?: string): CategoryStep[] | undefined {
    const name = this.line(pointer, { maxLength: CATEGORY_TEXT_MAX })
    if (name === undefined) return undefined
    const path = toCategoryPath(separator === undefined ? [name] : name.split(separator))
    return path.length > 0 ? path : this.#drop(pointer, name, 'must contain a letter, a digit or a symbol')
  }

  /** Reads a list of the names of a category and its ancestors, the root first, and returns its path. */
  categoryPath(pointer: string): CategoryStep[] | undefined {
    const items = this.#items(pointer, CATEGORY_DEPTH_MAX)
    const names = items.map((_, i) => this.line(`${pointer}/${i}`, { maxLength: CATEGORY_TEXT_MAX }))
    const path = toCategoryPath(names.filter((name) => name !== undefined))
    if (path.length > 0 || items.length === 0) return path.length > 0 ? path : undefined
    return this.#drop(pointer, items, 'must contain a letter, a digit or a symbol')
  }

  /** Reads the code of a currency (ISO 4217), in any case. */
  currency(pointer: string): string | undefined {
    const code = this.code(pointer, {})?.toUpperCase()
    if (code === undefined || isCurrency(code)) return code
    return this.#drop(pointer, code, 'must be a currency of ISO 4217, such as EUR')
  }

  /** Reads a list of short texts, each in one line. A text with commas is a list too. */
  words(pointer: string, limits: ListLimits & { items: TextLimits }): string[] {
    const value = this.#read(pointer)
    if (typeof value === 'string') {
      this.#repair(pointer, value, 'must be an array')
      return this.part(value.split(','), pointer).words('', limits)
    }
    const items = this.#items(pointer, limits.maxItems).map((_, i) => this.line(`${pointer}/${i}`, limits.items))
    return items.filter((item) => item !== undefined)
  }

  /** Reads a list of objects. */
  list(pointer: string, { maxItems }: ListLimits = {}): SourceRecord[] {
    return this.#items(pointer, maxItems).map((item, i) => this.part(item, `${pointer}/${i}`))
  }

  /** Reports that the mapping leaves a field out. @param problem The rule that its value violates. */
  drop(pointer: string, problem: string): void {
    this.#drop(pointer, this.#read(pointer), problem)
  }

  /** Explains why a field that a product must have is undefined. */
  explain(pointer: string): FieldProblem {
    if (pointer !== '' && (typeof this.#value !== 'object' || this.#value === null))
      return { pointer: this.#path, problem: 'must be an object', value: this.#value }
    const path = this.#path + pointer
    const report = this.reports.find((report) => report.pointer === path && report.outcome === 'dropped')
    const value = this.#read(pointer)
    return report ?? { pointer: path, problem: value === undefined ? 'is missing' : 'must not be empty', value }
  }

  /** Returns the value of a field as it is; undefined if it is missing, null or empty. Reports nothing. */
  value(pointer: string): unknown {
    return this.#read(pointer)
  }

  /**
   * Returns a value as a part of the record, so that reports name its place. The pointer of the value itself is the empty text.
   * @param pointer The place of the value in the record, or the name of a value that was derived from the record.
   */
  part(value: unknown, pointer: string): SourceRecord {
    return new SourceRecord(value, this.#forms, this.#path + pointer, this.reports)
  }

  /** Returns the value of a field; undefined if it is missing, null or empty. */
  #read(pointer: string): unknown {
    let value = this.#value
    for (const segment of toSegments(pointer)) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
      value = value[segment as keyof typeof value]
    }
    return value === null || value === '' ? undefined : value
  }

  #text(pointer: string): string | undefined {
    const value = this.#read(pointer)
    if (value === undefined || typeof value === 'string') return value
    if (typeof value !== 'number') return this.#drop(pointer, value, 'must be a string')
    this.#repair(pointer, value, 'must be a string')
    return String(value)
  }

  #plainText(pointer: string): string | undefined {
    const text = this.#text(pointer)
    return text !== undefined && this.#forms.hasHtmlText && /[&<]/.test(text) ? htmlToText(text) : text
  }

  #number(pointer: string): number | undefined {
    const value = this.#read(pointer)
    if (value === undefined) return undefined
    const isText = typeof value === 'string' && DECIMAL.test(value.trim())
    // JSON can hold numbers that are infinite here, such as 1e999.
    if (!(isText || typeof value === 'number') || !Number.isFinite(Number(value)))
      return this.#drop(pointer, value, 'must be a number')
    if (isText && !this.#forms.hasNumbersAsText) this.#repair(pointer, value, 'must be a number')
    return Number(value)
  }

  #items(pointer: string, max = ITEMS_MAX): unknown[] {
    const value = this.#read(pointer)
    if (value === undefined) return []
    if (!Array.isArray(value)) {
      this.#drop(pointer, value, 'must be an array')
      return []
    }
    if (value.length > max) this.#repair(pointer, value, `must have at most ${max} values`)
    return value.slice(0, max)
  }

  #urlsIn(pointer: string, value: unknown): (string | undefined)[] {
    const list = typeof value === 'string' ? parseList(value) : undefined
    if (!list) return [this.#url(pointer, value)]
    this.#repair(pointer, value, 'must be a web address')
    return list.map((item) => this.#url(pointer, item))
  }

  #url(pointer: string, value: unknown): string | undefined {
    if (value === undefined || value === null || value === '' || isWebUrl(value)) return value || undefined
    const repaired = typeof value === 'string' ? repairUrl(value) : undefined
    if (repaired === undefined) return this.#drop(pointer, value, 'must be a web address')
    this.#repair(pointer, value, 'must be a web address')
    return repaired
  }

  #limitCode(pointer: string, text: string, max = Number.POSITIVE_INFINITY): string | undefined {
    const code = toCode(withoutControls(text))
    if (lengthOf(code) > max) return this.#drop(pointer, text, `must have at most ${max} characters`)
    return code || undefined
  }

  #limitText(
    pointer: string,
    text: string | undefined,
    normalize: (text: string) => string,
    max = Number.POSITIVE_INFINITY
  ): string | undefined {
    const raw = text ?? ''
    const normal = normalize(withoutControls(raw.slice(0, max * RAW_FACTOR)))
    if (lengthOf(normal) <= max && raw.length <= max * RAW_FACTOR) return normal || undefined
    this.#repair(pointer, text, `must have at most ${max} characters`)
    return normalize([...normal.slice(0, max * 2)].slice(0, max).join('')) || undefined
  }

  #repair(pointer: string, value: unknown, problem: string): void {
    this.#report({ pointer: this.#path + pointer, problem, value, outcome: 'repaired' })
  }

  #drop(pointer: string, value: unknown, problem: string): undefined {
    this.#report({ pointer: this.#path + pointer, problem, value, outcome: 'dropped' })
  }

  #report(report: FieldReport): void {
    if (this.reports.length < REPORTS_MAX) this.reports.push(report)
  }
}
