import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { LRUCache } from 'lru-cache'
import { TAGS_MAX } from '../../../schemas/headers.js'
import {
  type Encoding,
  findMatchingTag,
  matchesCondition,
  toEntityTag,
  toVersionTag
} from '../../products/entity-tags.js'
import { ContentNegotiation, compress } from '../content-coding.js'
import { ProblemError } from '../problems.js'
import { addVary } from '../vary.js'

declare module 'fastify' {
  interface FastifyReply {
    /**
     * For a response that depends on the catalog's revision only: returns whether the client already has it, and sets status 304 and its
     * headers. The route then sends no body and skips its query.
     */
    isNotModified(): boolean
    /** The version of the catalog that the response shows. Routes set it, so that the response can be cached and validated. */
    contentVersion: ContentVersion | undefined
  }
}

export interface ContentVersion {
  /** The revision of the catalog that was read. */
  revision: number
  /** The newest change that the response shows, if that is older than `revision`. */
  changed?: number
  /** Whether the response is the same for every caller. Only then it is cached. Defaults to true. */
  isPublic?: boolean
}

export interface ResponseCacheOptions {
  /** Size limit of the cache, in bytes. */
  size: number
}

/** A finished response. The cache creates its compressed bodies and the headers of each coding on first use. */
interface CachedResponse {
  tag: string
  headers: Record<string, string>
  bodies: Partial<Record<Encoding, Buffer | Promise<Buffer>>> & { identity: Buffer }
  renderedHeaders: Partial<Record<Encoding, RenderedHeaders>>
}

/** The headers of a response in one coding, for status 200 and 304. */
interface RenderedHeaders {
  ok: Record<string, string>
  notModified: Validators
}

type Validators = Record<'etag' | 'cache-control', string>

/** Approximate size of a cache entry without its key and bodies, in bytes. */
const ENTRY_OVERHEAD = 1000
/** Slots of the table of URL hashes that were requested once. A power of 2. */
const SEEN_ONCE_SIZE = 16_384
/** Minimum size of a body to compress, in bytes. */
const COMPRESSION_MIN = 1024

/**
 * Caches finished responses until the catalog changes, and evaluates conditional requests (RFC 9110, section 13). It runs after
 * authentication and caches only responses that are the same for every caller.
 */
export const responseCache = fp<ResponseCacheOptions>(async (app, { size }) => {
  const entries = new LRUCache<string, CachedResponse>({ maxSize: size, sizeCalculation: sizeOf })
  /**
   * Direct-mapped table of URL hashes seen once; a second request promotes the response to the cache. Most URLs are never repeated and
   * would evict the repeated ones. A hash collision only caches a response too early.
   */
  const seenOnce = new Uint32Array(SEEN_ONCE_SIZE)
  const negotiation = new ContentNegotiation()
  let revision: number | undefined
  let epoch: string | undefined

  app.decorateReply('contentVersion', undefined)

  app.addHook('onRequest', (request, reply, done) => {
    const { state } = request
    // A restored database has a new epoch, but may have the same revision.
    if (state.revision !== revision || state.epoch !== epoch) {
      entries.clear()
      seenOnce.fill(0)
      revision = state.revision
      epoch = state.epoch
    }
    const entry = entries.get(request.url)
    // The route's schema rejects conditions that are too long.
    if (!entry || hasTooLongCondition(request.headers)) {
      done()
      return
    }
    const bytes = prepareResponse(entry, request, reply)
    if (bytes instanceof Promise) bytes.then((bytes) => reply.send(bytes), done)
    else reply.send(bytes)
  })

  app.decorateReply('isNotModified', function (this: FastifyReply): boolean {
    const { headers, state } = this.request
    const condition = headers['if-none-match']
    const etag = condition && findMatchingTag(condition, toVersionTag(state.epoch, state.revision))
    // If-Match takes precedence, and its result depends on the response.
    if (!etag || headers['if-match'] !== undefined) return false
    negotiation.negotiate(this.request)
    // The 304 repeats the tag of the client's copy: the coding of a full response would depend on its length.
    addHeaders(toValidators(etag), this.code(304))
    return true
  })

  app.addHook<string | Buffer>('onSend', (request, reply, payload, done) => {
    if (reply.statusCode === 304) {
      // Fastify would declare the missing body as JSON.
      reply.removeHeader('content-type')
      done(null, emptyBody(request))
      return
    }
    // A handler that fails after setting `contentVersion` sends a problem, which is not cached.
    if (!reply.contentVersion || reply.statusCode !== 200) {
      done()
      return
    }
    cacheResponse(reply.contentVersion, payload, request, reply).then(
      (bytes) => done(null, bytes ?? emptyBody(request)),
      done
    )
  })

  async function cacheResponse(
    version: ContentVersion,
    json: string | Buffer,
    request: FastifyRequest,
    reply: FastifyReply
  ): Promise<Buffer | undefined> {
    const { state } = request
    const link = reply.getHeader('link')
    const entry: CachedResponse = {
      tag: toVersionTag(state.epoch, version.changed ?? version.revision),
      headers: {
        'content-type': String(reply.getHeader('content-type')),
        ...(link !== undefined && { link: String(link) })
      },
      bodies: { identity: typeof json === 'string' ? Buffer.from(json) : json },
      renderedHeaders: {}
    }
    // `prepareResponse` sets them again for a 200. A 304 does not have them.
    reply.removeHeader('content-type').removeHeader('link')
    // If a write happened in the meantime, the response is still valid for this request, but not for later ones.
    if (version.isPublic !== false && version.revision === revision && state.epoch === epoch) {
      const hash = fnv1a(request.url)
      if (seenOnce[hash % SEEN_ONCE_SIZE] === hash) entries.set(request.url, entry)
      else seenOnce[hash % SEEN_ONCE_SIZE] = hash
    }
    return await prepareResponse(entry, request, reply)
  }

  /**
   * Sets status and headers, and returns the body; undefined if the client's copy is current.
   * @throws {ProblemError} `not-acceptable` or `precondition-failed`
   */
  function prepareResponse(
    entry: CachedResponse,
    request: FastifyRequest,
    reply: FastifyReply
  ): Buffer | Promise<Buffer> | undefined {
    const { short, long } = negotiation.negotiate(request)
    const encoding = entry.bodies.identity.length < COMPRESSION_MIN ? short : long
    entry.renderedHeaders[encoding] ??= renderHeaders(entry, encoding)
    const { ok, notModified } = entry.renderedHeaders[encoding]
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers
    // In the order of RFC 9110, section 13.2.2.
    if (ifMatch !== undefined && !matchesCondition(ifMatch, entry.tag)) {
      const { etag } = notModified
      throw new ProblemError('precondition-failed', `If-Match must name the current ETag, ${etag}.`, {
        headers: { etag }
      })
    }
    // Most clients send back exactly the tag of the response that they got: the first comparison avoids parsing it.
    if (ifNoneMatch !== undefined && (ifNoneMatch === notModified.etag || matchesCondition(ifNoneMatch, entry.tag))) {
      addHeaders(notModified, reply.code(304))
      return undefined
    }
    addHeaders(ok, reply)
    if (encoding === 'identity') return entry.bodies.identity
    entry.bodies[encoding] ??= compress[encoding](entry.bodies.identity).then((bytes) => {
      entry.bodies[encoding] = bytes
      // Updates the size of the entry, unless it was evicted meanwhile.
      if (entries.peek(request.url) === entry) entries.set(request.url, entry)
      return bytes
    })
    return entry.bodies[encoding]
  }
})

/**
 * Returns an empty body in the form that `onSend` takes: undefined would keep the original body. For HEAD, Fastify would measure an empty
 * body and send `Content-Length: 0`, which is wrong for a 304. It does not measure streams.
 */
const emptyBody = (request: FastifyRequest) => (request.method === 'HEAD' ? Readable.from([]) : null)

const hasTooLongCondition = ({ 'if-match': ifMatch = '', 'if-none-match': ifNoneMatch = '' }: IncomingHttpHeaders) =>
  ifMatch.length > TAGS_MAX || ifNoneMatch.length > TAGS_MAX

/** Returns the FNV-1a hash of a text. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

function renderHeaders({ tag, headers }: CachedResponse, encoding: Encoding): RenderedHeaders {
  const notModified = toValidators(toEntityTag(tag, encoding))
  const ok = { ...headers, ...notModified, ...(encoding !== 'identity' && { 'content-encoding': encoding }) }
  return { ok, notModified }
}

/** Reads require a token, so shared caches must not store the response. */
const toValidators = (etag: string): Validators => ({ etag, 'cache-control': 'private, no-cache' })

function addHeaders(headers: Record<string, string>, reply: FastifyReply): void {
  reply.headers(headers)
  addVary(reply, 'Accept-Encoding')
}

function sizeOf({ headers, bodies }: CachedResponse, url: string): number {
  const lengths = [...Object.values(headers), ...Object.values(bodies)].map((part) =>
    part instanceof Promise ? 0 : part.length
  )
  return ENTRY_OVERHEAD + url.length * 2 + lengths.reduce((sum, length) => sum + length)
}
