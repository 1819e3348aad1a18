import { CONDITIONS } from '../../../schemas/product.js'
import { Slug, WebUrl } from '../../../schemas/scalars.js'
import { AVAILABILITIES } from '../../../schemas/variant.js'
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

/** Returns words as choices that stand for themselves. */
const toChoices = <T extends string>(words: readonly T[]): Record<string, T> =>
  Object.fromEntries(words.map((word) => [word, word]))

/* The availabilities and conditions of the catalog, for sources that use the same words. */
export const availabilities = toChoices(AVAILABILITIES)
export const conditions = toChoices(CONDITIONS)

/** Returns whether a value is an absolute address of the web. */
export const isWebUrl = createValidator({ allErrors: false }).compile<string>(WebUrl(''))

/** Returns whether a text is a slug. */
export const isSlug: (text: string) => boolean = createValidator({ allErrors: false }).compile(Slug(''))

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

/** Maximum length of a list that is given as text in JSON. */
const LIST_TEXT_MAX = 10_000

/** Returns the items of a list in JSON; undefined if the text is none, or too long for one. */
export function parseList(text: string): unknown[] | undefined {
  if (!text.startsWith('[') || text.length > LIST_TEXT_MAX) return undefined
  try {
    return JSON.parse(text) as unknown[]
  } catch {
    return undefined
  }
}

/** Returns text in a form in which blanks, hyphens, underscores and cases are the same. */
export const toWords = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
