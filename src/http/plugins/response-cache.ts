import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'
import { TAGS_MAX } from '../../../schemas/headers.js'
import {
  type Encoding,
  findMatchingTag,
  matchesIfMatch,
  matchesIfNoneMatch,
  toEntityTag,
  toVersionTag
} from '../../products/entity-tags.js'
import { ProblemError } from '../problems.js'

declare module 'fastify' {
  interface FastifyReply {
    /**
     * Whether the caller has the answer already, where it changes with the revision of the catalog and with nothing else.
     * The headers are set then; send it with 304, and spare the query.
     */
    isNotModified(): boolean
    /** Says what the answer was made of, so that it can be kept, and asked for conditionally. */
    contentVersion: ContentVersion | undefined
  }
}

export interface ContentVersion {
  /** The revision of the catalog that was read. */
  revision: number
  /** The newest change that the answer shows, where that is not the revision itself. */
  changed?: number
}

export interface ResponseCacheOptions {
  /** Bytes. */
  size: number
}

/** A finished answer. Its compressed forms, and the headers of each form, are made when they are first asked for. */
interface CachedResponse {
  tag: string
  headers: Record<string, string>
  bodies: Partial<Record<Encoding, Buffer | Promise<Buffer>>> & { identity: Buffer }
  renderedHeaders: Partial<Record<Encoding, RenderedHeaders>>
}

/** The headers of a form: of an answer with its bytes, and of one that says that it has not changed. */
interface RenderedHeaders {
  ok: Record<string, string>
  notModified: Validators
}

/** What 200 and 304 have in common. */
type Validators = Record<'etag' | 'cache-control', string>

/** Bytes of an entry beside its key and its forms, roughly. */
const OVERHEAD = 1000
/** How many of the addresses that were asked for once are remembered, at most: a power of 2. */
const SEEN_ONCE_SIZE = 16_384
/** The codings accepted by each of so many `Accept-Encoding` headers are remembered: there are a few of them, and clients repeat them. */
const HEADERS_KEPT = 100
/** Bytes from which on compressing is worth it. */
const COMPRESSIBLE = 1024

const compress = {
  // Not the best that Brotli can, which takes a hundred times as long: 5 is where its curve bends.
  br: (bytes: Buffer) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes)
}

/**
 * Keeps finished answers, from the second time on that they are asked for, until the catalog changes; and answers
 * conditional requests (RFC 9110, section 13). It comes after authentication, and keeps nothing that depends on who asks.
 */
export const responseCache = fp<ResponseCacheOptions>(async (app, { size }) => {
  const entries = new LRUCache<string, CachedResponse>({ maxSize: size, sizeCalculation: sizeOf })
  /**
   * Hashes of what was asked for once, each at a place that it says itself. Most of it never is again, and would only take
   * the room of what is. Two addresses with the same hash do no harm: one of them is kept a little early.
   */
  const seenOnce = new Uint32Array(SEEN_ONCE_SIZE)
  const accepted = new LRUCache<string, AcceptedEncodings>({ max: HEADERS_KEPT })
  let revision: number | undefined
  let epoch: string | undefined

  /** @throws {ProblemError} `not-acceptable` if the client accepts no coding that there is. */
  function negotiate(request: FastifyRequest): { short: Encoding; long: Encoding } {
    const header = request.headers['accept-encoding']
    if (header === undefined) return IDENTITY
    let encodings = accepted.get(header)
    if (encodings === undefined) {
      encodings = toAcceptedEncodings(request)
      accepted.set(header, encodings)
    }
    if (encodings === 'none') throw new ProblemError('not-acceptable', NOT_ACCEPTABLE)
    return encodings
  }

  app.decorateReply('contentVersion', undefined)

  app.addHook('onRequest', (request, reply, done) => {
    const { state: known } = request
    // A restored database gets another epoch, and may have the same revision.
    if (known.revision !== revision || known.epoch !== epoch) {
      entries.clear()
      seenOnce.fill(0)
      revision = known.revision
      epoch = known.epoch
    }
    const entry = entries.get(request.url)
    // The route validates the length of conditions and refuses longer ones with 400.
    if (!entry || isTooLong(request.headers)) {
      done()
      return
    }
    const bytes = prepareResponse(entry, request, reply)
    if (bytes instanceof Promise) bytes.then((bytes) => reply.send(bytes), done)
    else reply.send(bytes)
  })

  app.decorateReply('isNotModified', function (this: FastifyReply): boolean {
    const { headers, state: known } = this.request
    const condition = headers['if-none-match']
    const etag = condition && findMatchingTag(condition, toVersionTag(known.epoch, known.revision))
    // A response that may be 412 instead is made first.
    if (!etag || headers['if-match'] !== undefined) return false
    negotiate(this.request)
    // In the form that the caller has: which one the answer would come in depends on its length.
    addHeaders(toValidators(etag), this.code(304))
    return true
  })

  app.addHook<string | Buffer>('onSend', (request, reply, payload, done) => {
    // An answer that failed after it was made of something is a problem by now, and nothing to keep.
    if (reply.statusCode === 304) {
      // Fastify takes nothing for JSON, of the length of `null`.
      reply.removeHeader('content-type')
      done(null, emptyBody(request))
      return
    }
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
    madeOf: ContentVersion,
    json: string | Buffer,
    request: FastifyRequest,
    reply: FastifyReply
  ): Promise<Buffer | undefined> {
    const { state: known } = request
    const link = reply.getHeader('link')
    const entry: CachedResponse = {
      tag: toVersionTag(known.epoch, madeOf.changed ?? madeOf.revision),
      headers: {
        'content-type': String(reply.getHeader('content-type')),
        ...(link !== undefined && { link: String(link) })
      },
      bodies: { identity: typeof json === 'string' ? Buffer.from(json) : json },
      renderedHeaders: {}
    }
    // They come back with the entry's, unless it is not sent.
    reply.removeHeader('content-type').removeHeader('link')
    // An answer that was overtaken by a write is sent, as it was true when it was asked for, but not kept.
    if (madeOf.revision === revision && known.epoch === epoch) {
      const hash = hashOf(request.url)
      if (seenOnce[hash % SEEN_ONCE_SIZE] === hash) entries.set(request.url, entry)
      else seenOnce[hash % SEEN_ONCE_SIZE] = hash
    }
    return await prepareResponse(entry, request, reply)
  }

  /**
   * Sets the status and the headers of the response, and returns its bytes: none if the client has them already.
   * @throws {ProblemError} `not-acceptable` or `precondition-failed`.
   */
  function prepareResponse(
    entry: CachedResponse,
    request: FastifyRequest,
    reply: FastifyReply
  ): Buffer | Promise<Buffer> | undefined {
    const { short, long } = negotiate(request)
    const encoding = entry.bodies.identity.length < COMPRESSIBLE ? short : long
    entry.renderedHeaders[encoding] ??= renderHeaders(entry, encoding)
    const { ok, notModified } = entry.renderedHeaders[encoding]
    const { 'if-match': required, 'if-none-match': condition } = request.headers
    // In the order of RFC 9110, section 13.2.2.
    if (required !== undefined && !matchesIfMatch(required, entry.tag)) {
      const { etag } = notModified
      throw new ProblemError('precondition-failed', 'If-Match names none of what there is now.', { headers: { etag } })
    }
    // Most callers send back the very tag that they were given.
    if (condition !== undefined && (condition === notModified.etag || matchesIfNoneMatch(condition, entry.tag))) {
      addHeaders(notModified, reply.code(304))
      return undefined
    }
    addHeaders(ok, reply)
    if (encoding === 'identity') return entry.bodies.identity
    entry.bodies[encoding] ??= compress[encoding](entry.bodies.identity).then((bytes) => {
      entry.bodies[encoding] = bytes
      // Counted anew, as it has grown; unless it is not kept any more.
      if (entries.peek(request.url) === entry) entries.set(request.url, entry)
      return bytes
    })
    return entry.bodies[encoding]
  }
})

/**
 * No body, as `onSend` is to be told: undefined would leave the answer as it was. What Fastify has for HEAD comes later, and would
 * measure it for `Content-Length`, which is not true of the answer that a 304 stands for; only of a stream it does not.
 */
const emptyBody = (request: FastifyRequest) => (request.method === 'HEAD' ? Readable.from([]) : null)

/** The codings in which a client wants short bodies, and those that are worth compressing; `none` if it accepts no coding that there is. */
type AcceptedEncodings = { short: Encoding; long: Encoding } | 'none'

const IDENTITY = { short: 'identity', long: 'identity' } as const
/** The more compact one first, as most clients accept both without a preference. */
const ENCODINGS: Encoding[] = ['br', 'gzip', 'identity']
const NOT_ACCEPTABLE = 'Accept-Encoding must accept br, gzip or identity.'

/** Its published types are older than its parameter `options`. */
interface Negotiating {
  encodings(available: Encoding[], options: { preferred: Encoding[] }): Encoding[]
}

/** RFC 9110, section 12.5.3. */
function toAcceptedEncodings(request: FastifyRequest): AcceptedEncodings {
  const negotiator = new Negotiator(request) as Negotiating
  const encodings = negotiator.encodings(ENCODINGS, { preferred: ENCODINGS })
  const [long] = encodings
  if (long === undefined) return 'none'
  return { short: encodings.includes('identity') ? 'identity' : long, long }
}

const isTooLong = ({ 'if-match': required = '', 'if-none-match': condition = '' }: IncomingHttpHeaders) =>
  required.length > TAGS_MAX || condition.length > TAGS_MAX

/** A number for a text that is hardly ever that of another (FNV-1a). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

function renderHeaders({ tag, headers }: CachedResponse, encoding: Encoding): RenderedHeaders {
  const notModified = toValidators(toEntityTag(tag, encoding))
  const ok = { ...headers, ...notModified, ...(encoding !== 'identity' && { 'content-encoding': encoding }) }
  return { ok, notModified }
}

/** The answer is the same for everybody who may see it, but not for everybody to keep. */
const toValidators = (etag: string): Validators => ({ etag, 'cache-control': 'private, no-cache' })

function addHeaders(headers: Record<string, string>, reply: FastifyReply): void {
  reply.headers(headers)
  addVary(reply, 'Accept-Encoding')
}

/** Adds to the `Vary` header what another plugin may already have begun. */
export function addVary(reply: FastifyReply, name: string): void {
  const before = reply.getHeader('vary')
  reply.header('vary', before === undefined ? name : `${before}, ${name}`)
}

function sizeOf({ headers, bodies: forms }: CachedResponse, url: string): number {
  const lengths = [...Object.values(headers), ...Object.values(forms)].map((part) =>
    part instanceof Promise ? 0 : part.length
  )
  return OVERHEAD + url.length * 2 + lengths.reduce((sum, length) => sum + length)
}
