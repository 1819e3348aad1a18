import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { LRUCache } from 'lru-cache'
import { toNetwork } from '../client-network.js'
import { ProblemError } from '../problems.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Selects a separate count for the route. */
    limit?: 'sign-in' | 'health'
  }
  interface FastifyInstance {
    /** Hook, after `authenticate`: limits the requests of each account, from any address. */
    limitAccount: onRequestHookHandler
  }
  interface FastifyRequest {
    /** The state of the client address's limit. */
    rate: RateLimit
  }
}

/** Sign-in attempts per minute and address. */
const SIGN_INS_MAX = 10
/** Length of a window, in milliseconds. */
const WINDOW = 60_000
/** Maximum number of keys that one limiter tracks. It bounds the memory that a flood of new addresses can use. */
const KEYS_MAX = 10_000

export interface RateLimitOptions {
  /** Requests per minute, for each address and for each account. */
  max: number
}

/** The state of one key after a request. */
export interface RateLimit {
  limit: number
  remaining: number
  /** Seconds until the window ends. */
  reset: number
  isExceeded: boolean
}

/** Counts requests by key in fixed windows of one minute. */
export class RateLimiter {
  readonly #limit: number
  /** Evicts the least recently used key. */
  readonly #windows = new LRUCache<string, { hits: number; end: number }>({ max: KEYS_MAX })

  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Counts a request.
   * @param now Milliseconds of a monotonic clock.
   */
  count(key: string, now: number = performance.now()): RateLimit {
    let window = this.#windows.get(key)
    if (!window || window.end <= now) {
      window = { hits: 0, end: now + WINDOW }
      this.#windows.set(copy(key), window)
    }
    window.hits++
    return {
      limit: this.#limit,
      remaining: Math.max(0, this.#limit - window.hits),
      reset: Math.ceil((window.end - now) / 1000),
      isExceeded: window.hits > this.#limit
    }
  }
}

/** Limits requests by client address, and by account once the caller is known. */
export const limitRates = fp<RateLimitOptions>(async (app, { max }) => {
  const limiters = {
    'sign-in': new RateLimiter(SIGN_INS_MAX),
    // A separate count, so that a flood of reads from one address does not fail the health checks from that address.
    health: new RateLimiter(max),
    other: new RateLimiter(max)
  }
  const accounts = new RateLimiter(max)

  app.decorateRequest('rate')

  app.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => {
    // A client that has disconnected, or uses a Unix socket, has no address.
    const address = String(request.ip)
    const rate = limiters[request.routeOptions.config.limit ?? 'other'].count(toNetwork(address))
    request.rate = rate
    setRateLimitHeaders(rate, reply)
    done(rate.isExceeded ? tooManyRequests(rate) : undefined)
  })

  app.decorate('limitAccount', (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => {
    const rate = accounts.count(request.user.sub)
    if (isTighter(rate, request.rate)) setRateLimitHeaders(rate, reply)
    done(rate.isExceeded ? tooManyRequests(rate) : undefined)
  })
})

/** Sets the headers of the tighter limit, which the caller reaches first. Both limits share one set of headers. */
function setRateLimitHeaders({ limit, remaining, reset }: RateLimit, reply: FastifyReply): void {
  reply.header('ratelimit-limit', limit).header('ratelimit-remaining', remaining).header('ratelimit-reset', reset)
}

const isTighter = (a: RateLimit, b: RateLimit) =>
  a.remaining < b.remaining || (a.remaining === b.remaining && a.reset > b.reset)

function tooManyRequests({ reset }: RateLimit): ProblemError {
  return new ProblemError('too-many-requests', `Try again in ${reset} seconds.`, { headers: { 'retry-after': reset } })
}

/** Copies a text: a substring of a header would keep the whole header in memory. */
const copy = (text: string) => Buffer.from(text).toString()
