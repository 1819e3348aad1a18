import { type NumberOptions, type StringOptions, Type } from '@sinclair/typebox'

/** Maximum of `format: int32`: the upper bound of every count and id in the contract. */
export const INT32_MAX = 2_147_483_647

/** A whole number from 0 (or from `minimum`) to the largest int32. */
export const Count = (description: string, minimum = 0) =>
  Type.Integer({ format: 'int32', minimum, maximum: INT32_MAX, description })

/** A decimal number between two inclusive bounds. */
export const Decimal = (description: string, minimum: number, maximum: number, options: NumberOptions = {}) =>
  Type.Number({ format: 'double', minimum, maximum, description, ...options })

/**
 * A file. Generated clients read and write it as bytes; they would treat a plain string as JSON. It has no `maxLength`, because
 * that counts characters.
 */
export const File = (description: string, options: StringOptions = {}) =>
  Type.String({ description, format: 'binary', ...options })

/** Free text of at most `maxLength` characters. */
export const Text = (description: string, maxLength: number, options: StringOptions = {}) =>
  Type.String({ description, maxLength, ...options })

/** A point in time (RFC 3339), always in UTC. */
export const DateTime = (description: string) => Type.String({ description, format: 'date-time', maxLength: 30 })

/** An epoch of the catalog: 6 random bytes as base64url. */
export const EPOCH_PATTERN = '[A-Za-z0-9_-]{8}'
export const Epoch = (description: string) => Type.String({ description, pattern: `^${EPOCH_PATTERN}$`, maxLength: 8 })

/** A slash in a pattern. Generated clients escape a plain `/` in a way that Swift rejects. Postman does not parse a lower-case `f`. */
export const SLASH = '\\x2F'

export const WEB_URL_PATTERN = `^https?:${SLASH}${SLASH}`
/** An absolute URL with the scheme http or https. */
export const WebUrl = (description: string) =>
  Type.String({ description, format: 'uri', pattern: WEB_URL_PATTERN, maxLength: 2048 })

export const SLUG_PATTERN = '^[a-z0-9]+(-[a-z0-9]+)*$'
/** An identifier for URLs: words of lower-case letters and digits, joined by hyphens. */
export const Slug = (description: string) => Type.String({ description, pattern: SLUG_PATTERN, maxLength: 100 })
