import { EPOCH_PATTERN } from '../../schemas/scalars.js'
import { RENDERING } from './rendering.js'

/** Suffix of the entity tag for each content encoding: differently encoded bytes need different strong tags. */
export const ENCODING_SUFFIXES = { br: '-br', gzip: '-gz', identity: '' }
export type Encoding = keyof typeof ENCODING_SUFFIXES

/**
 * What proxies append to a tag when they compress or decompress the response: `-gzip` (Apache, Caddy, lighttpd), `--gzip` and `;gzip`
 * (Jetty), and the same with other codings.
 */
const PROXY_SUFFIX = /(?:--?|;)(?:gzip|gunzip|br|zstd|deflate)$/

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

/**
 * Returns whether `If-Match` or `If-None-Match` contains a version tag, or is `*`.
 *
 * Compares both in the same way. RFC 9110, section 13.1.1, demands a strong comparison for `If-Match`, which a weak tag never passes. But
 * nginx, Cloudflare and others turn strong tags into weak ones, and clients return what they received. The service itself sends only
 * strong tags, so the opaque part of a weak one still identifies one version.
 */
export const matchesCondition = (condition: string, tag: string) =>
  condition.trim() === '*' || findMatchingTag(condition, tag) !== undefined

/**
 * Returns the entity tag in a condition that matches a version tag in any encoding, as the service sent it: without the changes of
 * proxies, which would otherwise accumulate. Apart from these changes, the tag must be equal.
 */
export function findMatchingTag(condition: string, tag: string): string | undefined {
  const sent = Object.values(ENCODING_SUFFIXES).map((suffix) => tag + suffix)
  for (const item of condition.split(',')) {
    const received = /^(?:W\/)?"(.*)"$/.exec(item.trim())?.[1] ?? ''
    for (const opaque of [received, received.replace(PROXY_SUFFIX, '')]) {
      if (sent.includes(opaque)) return `"${opaque}"`
    }
  }
  return undefined
}
