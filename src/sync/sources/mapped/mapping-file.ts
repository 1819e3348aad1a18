import { readFileSync } from 'node:fs'
import type { ErrorObject } from 'ajv'
import { type FieldRule, type MappedField, SourceMapping, VALUE_SOURCES } from '../../../../schemas/source-mapping.js'
import { isObject } from '../../../support/is-object.js'
import { createValidator } from '../../../support/validation.js'
import { describeError, formatValue, toPointer } from '../../../support/validation-errors.js'
import { ExpressionError, parseExpression } from './expressions.js'
import { listFields } from './mapping-fields.js'

/** Maximum size of the file, in characters. */
const SIZE_MAX = 1_000_000
/** Maximum number of mistakes in the message. */
const MISTAKES_MAX = 50

/** Thrown if the file in `SOURCE_MAPPING` cannot be used. The message names all mistakes. */
export class MappingFileError extends Error {
  override name = 'MappingFileError'

  constructor(path: string, problem: string) {
    super(`SOURCE_MAPPING (${path}) ${problem}`)
  }
}

/**
 * Reads the file in `SOURCE_MAPPING`.
 * @throws {MappingFileError} The message names each mistake with its JSON Pointer.
 */
export function readMapping(path: string): SourceMapping {
  const mapping = parseFile(path)
  const mistakes = findMistakes(mapping)
  if (mistakes.length === 0) return mapping as SourceMapping
  const lines = mistakes.slice(0, MISTAKES_MAX).map((mistake) => `\n  ${mistake}`)
  throw new MappingFileError(path, `is not valid:${lines.join('')}`)
}

function parseFile(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new MappingFileError(path, `cannot be read: ${(error as Error).message}`)
  }
  if (text.length > SIZE_MAX) throw new MappingFileError(path, `must have at most ${SIZE_MAX} characters`)
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new MappingFileError(path, `is not JSON: ${(error as Error).message}`)
  }
}

/** Returns all mistakes in a mapping, one sentence each. */
function findMistakes(mapping: unknown): string[] {
  const validator = createValidator({ useDefaults: false, discriminator: true, allowUnionTypes: true })
  const isMapping = validator.compile(SourceMapping)
  const errors = isMapping(mapping) ? [] : (isMapping.errors as ErrorObject[])
  const mistakes = errors.map((error) => `${toPointer(error) || 'the file'} ${describeError(error)}`)
  for (const { pointer, field } of listFields(Object(mapping))) mistakes.push(...findFieldMistakes(pointer, field))
  const { fields, variants, paging } = Object(mapping) as Partial<SourceMapping>
  if (isObject(fields) && fields.price === undefined && Object(variants?.fields).price === undefined)
    mistakes.push('/fields/price is missing: add it, or /variants/fields/price')
  const { size, sizeParameter } = Object(paging) as { size?: unknown; sizeParameter?: unknown }
  if ((size === undefined) !== (sizeParameter === undefined)) {
    const missing = size === undefined ? 'size' : 'sizeParameter'
    mistakes.push(`/paging/${missing} is missing: size and sizeParameter belong together`)
  }
  return mistakes
}

function findFieldMistakes(pointer: string, field: MappedField): string[] {
  if (!isObject(field)) return []
  const rule = field as FieldRule
  const given = VALUE_SOURCES.filter((name) => rule[name] !== undefined)
  if (given.length !== 1)
    return [`${pointer} must have exactly one of ${VALUE_SOURCES.join(', ')} (got ${given.join(' and ') || 'none'})`]
  if (typeof rule.jsonata !== 'string') return []
  try {
    parseExpression(rule.jsonata)
    return []
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    return [`${pointer}/jsonata is not valid JSONata: ${error.message} (got ${formatValue(rule.jsonata)})`]
  }
}
