import { EPOCH_PATTERN } from '../../schemas/scalars.js'
import { RENDERING } from './rendering.js'

/** Suffix of the entity tag for each content encoding: differently encoded bytes need different strong tags. */
export const ENCODING_SUFFIXES = { br: '-br', gzip: '-gz', identity: '' }
export type Encoding = keyof typeof ENCODING_SUFFIXES

/**
 * Returns the version tag of the catalog or of a product, without quotes and encoding suffix. It contains `RENDERING`, because another
 * release may render the same revision differently.
 * @param change The revision of the newest change.
 */
export const toVersionTag = (epoch: string, change: number) => `${epoch}.${change.toString(36)}.${RENDERING}`

/** A product or the catalog at one change. */
export interface Version {
  epoch: string
  /** The revision of the newest change. */
  revision: number
}

const VERSION_TAG = new RegExp(`^(${EPOCH_PATTERN})\\.([0-9a-z]{1,11})\\.\\w+$`)

/** Parses a version tag of this or an earlier release. Returns undefined if it is none. */
export function parseVersionTag(tag: string): Version | undefined {
  const [, epoch, revision] = VERSION_TAG.exec(tag) ?? []
  return epoch === undefined ? undefined : { epoch, revision: Number.parseInt(revision as string, 36) }
}

/** Returns the entity tag of a response in an encoding (RFC 9110, section 8.8.3). */
export const toEntityTag = (tag: string, encoding: Encoding = 'identity') => `"${tag}${ENCODING_SUFFIXES[encoding]}"`

/** Returns the entity tag in `If-None-Match` that matches a version tag in any encoding. Compares weakly (RFC 9110, section 13.1.2). */
export function findMatchingTag(condition: string, tag: string): string | undefined {
  return find(condition.replaceAll(/(^|[\s,])W\//g, '$1'), tag)
}

/** Returns whether `If-None-Match` contains a version tag in any encoding, or is `*`. The condition is then false. */
export const matchesIfNoneMatch = (condition: string, tag: string) =>
  condition.trim() === '*' || findMatchingTag(condition, tag) !== undefined

/** Returns whether `If-Match` contains a version tag in any encoding, or is `*`. Compares strongly (RFC 9110, section 13.1.1). */
export const matchesIfMatch = (condition: string, tag: string) =>
  condition.trim() === '*' || find(condition, tag) !== undefined

function find(condition: string, tag: string): string | undefined {
  const entityTags = condition.split(',').map((item) => item.trim())
  return entityTags.find((item) => Object.values(ENCODING_SUFFIXES).some((suffix) => item === `"${tag}${suffix}"`))
}
