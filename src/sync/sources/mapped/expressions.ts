import { createRequire } from 'node:module'
import type { Expression, JsonataError } from 'jsonata'
import type { FieldRule, SourceMapping } from '../../../../schemas/source-mapping.js'
import { formatValue } from '../../../support/validation-errors.js'
import { SourceError } from '../../source-error.js'
import { ITEMS_MAX, SourceRecord } from '../source-record.js'
import { listFields } from './mapping-fields.js'

/** Limits of one evaluation: milliseconds, nested calls, and items of a list. */
const LIMITS = { timeout: 1000, stack: 500, sequence: 100_000 }
/** The code of the error after the timeout. */
const TIMEOUT = 'D1012'

const load = createRequire(import.meta.url)

/** Thrown if an expression is not valid. */
export class ExpressionError extends Error {
  override name = 'ExpressionError'
}

/**
 * Parses a JSONata expression. Expressions reach only the record: JSONata has no access to modules, the environment or prototypes.
 * @throws {ExpressionError}
 */
export function parseExpression(text: string): Expression {
  // Most sources have no expressions, and the package takes 20 ms to load.
  const jsonata: typeof import('jsonata') = load('jsonata')
  try {
    return jsonata(text, LIMITS)
  } catch (error) {
    const { message, position } = error as JsonataError
    throw new ExpressionError(`${message}, at character ${position}`)
  }
}

/** The result of an expression: its value, or why it has none. */
export type ExpressionResult = { value: unknown } | { problem: string }

/** The results of the expressions for one record or variant. */
export type ExpressionResults = ReadonlyMap<FieldRule, ExpressionResult>

interface FieldExpression {
  pointer: string
  rule: FieldRule
  expression: Expression
}

/** The results of all expressions of a mapping for one record. */
export interface RecordResults {
  record: ExpressionResults
  /** The results for each of its variants. */
  variants: readonly ExpressionResults[]
}

/** The expressions of a mapping. */
export class Expressions {
  readonly #ofRecord: FieldExpression[] = []
  readonly #ofVariant: FieldExpression[] = []
  readonly #mapping: SourceMapping

  constructor(mapping: SourceMapping) {
    this.#mapping = mapping
    for (const { pointer, field, isOfVariant } of listFields(mapping)) {
      if (typeof field === 'string' || field.jsonata === undefined) continue
      const expression = parseExpression(field.jsonata)
      const target = isOfVariant ? this.#ofVariant : this.#ofRecord
      target.push({ pointer, rule: field, expression })
    }
  }

  get isEmpty(): boolean {
    return this.#ofRecord.length + this.#ofVariant.length === 0
  }

  /** Evaluates the expressions for a record. @throws {SourceError} if one takes too long. */
  async evaluate(from: unknown): Promise<RecordResults> {
    const { fields, variants: { records = '' } = {} } = this.#mapping
    const whole = new SourceRecord(from)
    const { externalId: id } = fields
    const name = formatValue(typeof id === 'string' ? whole.value(id) : undefined)
    const record = await evaluate(this.#ofRecord, from, name)
    const variants: ExpressionResults[] = []
    if (this.#ofVariant.length > 0) {
      const list = whole.value(records)
      const inputs = Array.isArray(list) ? list.slice(0, ITEMS_MAX) : []
      for (const input of inputs) variants.push(await evaluate(this.#ofVariant, input, name))
    }
    return { record, variants }
  }
}

/** @param name The record in errors. */
async function evaluate(
  expressions: readonly FieldExpression[],
  input: unknown,
  name: string
): Promise<ExpressionResults> {
  const results = new Map<FieldRule, ExpressionResult>()
  for (const { pointer, rule, expression } of expressions) {
    try {
      results.set(rule, { value: await expression.evaluate(input) })
    } catch (error) {
      const { code, message } = error as JsonataError
      if (code === TIMEOUT)
        throw new SourceError('timeout', {
          detail: `the expression at ${pointer} of SOURCE_MAPPING takes longer than ${LIMITS.timeout} ms for the record ${name}`
        })
      results.set(rule, { problem: `could not be computed: ${message}` })
    }
  }
  return results
}
