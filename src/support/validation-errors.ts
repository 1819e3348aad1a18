import type { ErrorObject } from 'ajv'
import { USERNAME_PATTERN } from '../../schemas/auth.js'
import { EVENT_ID_PATTERN, IDEMPOTENCY_KEY_PATTERN } from '../../schemas/headers.js'
import { NAME_PATTERN, TEXT_PATTERN, VISIBLE_TEXT_PATTERN } from '../../schemas/input-text.js'
import {
  ATTRIBUTE_PATTERN,
  CURSOR_PATTERN,
  FACET_FIELDS,
  FACET_PATTERN,
  SORT_KEYS,
  SORT_PATTERN
} from '../../schemas/listing.js'
import { readOnlyFields } from '../../schemas/product-input.js'
import { EPOCH_PATTERN, SLUG_PATTERN, WEB_URL_PATTERN } from '../../schemas/scalars.js'
import { PART_POINTER_PATTERN, POINTER_PATTERN } from '../../schemas/source-paging.js'

/**
 * The parts of an error of the validator that describe it. Fastify's own type of these errors has them too. `data` is the invalid value
 * and `parentSchema` its schema.
 */
export type ValidationError = Pick<
  ErrorObject,
  'keyword' | 'instancePath' | 'params' | 'message' | 'data' | 'parentSchema'
>

const POINTER_HINT = 'must be a JSON Pointer, such as /title. In names, write ~1 for / and ~0 for ~'

/** Descriptions of valid texts, by the pattern of the schema. Messages contain them instead of regular expressions. */
export const patternHints = new Map<unknown, string>([
  [SLUG_PATTERN, 'must be lower-case letters and digits, with words joined by hyphens'],
  [WEB_URL_PATTERN, 'must start with http:// or https://'],
  [USERNAME_PATTERN, 'must start with a letter or a digit, followed only by letters, digits and . _ @ -'],
  [CURSOR_PATTERN, 'must be the nextCursor of a page'],
  [
    SORT_PATTERN,
    `must be one or more of ${SORT_KEYS.join(', ')}, separated by commas, each with or without a leading -`
  ],
  [`^${EPOCH_PATTERN}$`, 'must be the epoch of a response'],
  [EVENT_ID_PATTERN, 'must be the ID of an event or a revision'],
  [IDEMPOTENCY_KEY_PATTERN, 'must contain only visible ASCII characters'],
  [TEXT_PATTERN, 'must not contain control characters other than tabs and line breaks'],
  [VISIBLE_TEXT_PATTERN, 'must contain visible text, and no control characters other than tabs and line breaks'],
  [NAME_PATTERN, 'must contain visible text, and no colon and no control characters other than tabs and line breaks'],
  [ATTRIBUTE_PATTERN, 'must be a name and a value with a colon between them, such as Color:red'],
  [POINTER_PATTERN, POINTER_HINT],
  [PART_POINTER_PATTERN, POINTER_HINT],
  [FACET_PATTERN, `must be one of ${FACET_FIELDS.join(', ')}, or attribute. and a name without a colon`]
])

const types: Record<string, string> = {
  integer: 'an integer',
  number: 'a number',
  string: 'a string',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object'
}

const formats: Record<string, string> = {
  uri: 'a URL',
  'date-time': 'a date and time such as 2026-11-24T08:30:00Z',
  uuid: 'a UUID'
}

/** Describes the error of a value, in words that do not require knowledge of JSON Schema. */
export function describeError(error: ValidationError): string {
  const { keyword, instancePath, params } = error
  if (keyword === 'required') return 'is missing'
  if (keyword === 'discriminator') return describeTag(error)
  if (keyword === 'additionalProperties') {
    const isReadOnly = instancePath === '' && readOnlyFields.has(String(params.additionalProperty))
    return isReadOnly ? 'is read-only: leave it out' : 'is unknown: correct its name or leave it out'
  }
  return describeRule(error) + describeValue(error)
}

/** Describes the missing or unknown name of an alternative. */
function describeTag({ params: { tag, tagValue }, parentSchema = {} }: ValidationError): string {
  const names = parentSchema.oneOf.map(({ properties }: { properties: object }) => Object(properties)[tag].const)
  const rule = `must be one of ${names.join(', ')}`
  return tagValue === undefined ? `is missing: it ${rule}` : `${rule} (got ${formatValue(tagValue)})`
}

/** Describes the rule that a value violates. */
function describeRule({ keyword, params, message }: ValidationError): string {
  const { limit } = params
  switch (keyword) {
    case 'type':
      return `must be ${[params.type]
        .flat()
        .map((type) => types[type] ?? type)
        .join(' or ')}`
    case 'enum':
      return `must be one of ${params.allowedValues.join(', ')}`
    case 'minimum':
      return `must be at least ${limit}`
    case 'maximum':
      return `must be at most ${limit}`
    case 'minLength':
      return limit === 1 ? 'must not be empty' : `must have at least ${limit} characters`
    case 'maxLength':
      return `must have at most ${count(limit, 'character')}`
    case 'minItems':
    case 'minProperties':
      return 'must not be empty'
    case 'maxItems':
      return `must have at most ${count(limit, 'value')}`
    case 'maxProperties':
      return `must have at most ${count(limit, 'name')}`
    case 'format':
      return `must be ${formats[params.format] ?? params.format}`
    case 'pattern':
      return patternHints.get(params.pattern) ?? 'has the wrong format'
    default:
      return String(message)
  }
}

/** Maximum length of a quoted value, in characters. */
const QUOTED_MAX = 50

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`

/** Quotes the invalid value, or its length if that is wrong. Never quotes passwords and other secrets (`writeOnly`). */
function describeValue({ keyword, data, parentSchema }: ValidationError): string {
  if (parentSchema?.format === 'password' || parentSchema?.writeOnly || data === undefined) return ''
  if (typeof data === 'string' && /^m(ax|in)Length$/.test(keyword))
    return data === '' ? '' : ` (got ${[...data].length})`
  if (Array.isArray(data) && keyword === 'maxItems') return ` (got ${data.length})`
  return ` (got ${formatValue(data)})`
}

/** Formats an invalid value for a message: as JSON, shortened. Arrays and objects are only named, because they can be large. */
export function formatValue(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = String(JSON.stringify(value))
  return text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX - 1)}…` : text
}

/** Returns the JSON Pointer (RFC 6901) to the value that an error is about. An unknown or missing property is not part of its path. */
export function toPointer({ instancePath, params }: ValidationError): string {
  const property = params.additionalProperty ?? params.missingProperty ?? params.tag
  if (property === undefined) return instancePath
  return `${instancePath}/${String(property).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
