import { RENDERING } from './rendering.js'

/** How the forms of an answer are told apart. */
export const ENCODING_SUFFIXES = { br: '-br', gzip: '-gz', identity: '' }
export type Encoding = keyof typeof ENCODING_SUFFIXES

/** The tag of responses that show the catalog, or a product, as a change left it and as this release renders it; without quotes and encoding. */
export const toVersionTag = (epoch: string, change: number) => `${epoch}.${change.toString(36)}.${RENDERING}`

/** The entity tag of a form of an answer (RFC 9110, section 8.8.3). */
export const toEntityTag = (tag: string, encoding: Encoding = 'identity') => `"${tag}${ENCODING_SUFFIXES[encoding]}"`

/** The form of the tag that `If-None-Match` names. The comparison is weak (RFC 9110, section 13.1.2). */
export function findMatchingTag(condition: string, tag: string): string | undefined {
  return find(condition.replaceAll(/(^|[\s,])W\//g, '$1'), tag)
}

/** Whether `If-None-Match` names a tag that there is, in whichever of its forms, so that its condition is false. */
export const matchesIfNoneMatch = (condition: string, tag: string) =>
  condition.trim() === '*' || findMatchingTag(condition, tag) !== undefined

/** Whether `If-Match` holds for a tag that there is, in whichever of its forms. The comparison is strong (section 13.1.1). */
export const matchesIfMatch = (condition: string, tag: string) =>
  condition.trim() === '*' || find(condition, tag) !== undefined

function find(condition: string, tag: string): string | undefined {
  const named = condition.split(',').map((one) => one.trim())
  return named.find((one) => Object.values(ENCODING_SUFFIXES).some((suffix) => one === `"${tag}${suffix}"`))
}
