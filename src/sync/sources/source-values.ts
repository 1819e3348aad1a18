import { WebUrl } from '../../../schemas/scalars.js'
import { createValidator } from '../../support/validation.js'

/** The usual forms of values in a source, so that it is no repair to convert them. */
export interface UsualForms {
  /** Whether numbers are text. */
  hasNumbersAsText?: boolean
  /** Whether text of one line and codes are HTML, such as `Salt &amp; Pepper`. */
  hasHtmlText?: boolean
  /** Whether times have no time zone. They are in UTC. */
  hasTimesWithoutZone?: boolean
}

/* The limits of fields, as the schema of a product has them. */
export interface TextLimits {
  maxLength?: number
}
export interface NumberLimits {
  minimum?: number
  maximum?: number
}
export interface ListLimits {
  maxItems?: number
}

/** Returns whether a value is an absolute address of the web. */
export const isWebUrl = createValidator({ allErrors: false }).compile<string>(WebUrl(''))

const segments = new Map<string, string[]>()

/** Splits a JSON Pointer (RFC 6901) into its segments. */
export function toSegments(pointer: string): string[] {
  let known = segments.get(pointer)
  if (!known) {
    known = pointer
      .split('/')
      .slice(1)
      .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    // The pointers to items of lists would fill the cache.
    if (!/\/\d/.test(pointer)) segments.set(pointer, known)
  }
  return known
}

/** Completes an address that starts with `//`, and percent-encodes it. Returns undefined if it is still not valid. */
export function repairUrl(text: string): string | undefined {
  const absolute = text.trim().replace(/^\/\//, 'https://')
  if (!/^https?:\/\//i.test(absolute) || !URL.canParse(absolute)) return undefined
  const { href } = new URL(absolute)
  return isWebUrl(href) ? href : undefined
}

/** Removes control characters. They are no reason to lose a product, and databases reject NUL. */
export const withoutControls = (text: string) => text.replace(/[^\P{Cc}\t\n\r]/gu, '')

/** Returns the number of characters, as JSON Schema counts them. */
export const lengthOf = (text: string) => (/[\ud800-\udfff]/.test(text) ? [...text].length : text.length)
