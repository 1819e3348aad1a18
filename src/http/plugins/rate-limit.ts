import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { LRUCache } from 'lru-cache'
import { ProblemError } from '../problems.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Counts the route's requests apart from those of other routes. */
    limit?: 'sign-in' | 'health'
  }
  interface FastifyInstance {
    /** Hook, for after `authenticate`: counts the requests of each account, from wherever they come. */
    limitAccount: onRequestHookHandler
  }
  interface FastifyRequest {
    /** How the address stands that the request came from. */
    rate: RateLimit
  }
}

/** Sign-ins that one address may try in a minute. */
const SIGN_INS = 10
/** Milliseconds after which a count starts anew. */
const WINDOW = 60_000
/** Keys that a limiter counts at a time: a flood of new ones costs so much memory and no more. */
const KEYS_MAX = 10_000
/** The longest text that an IP address can have, with a port. */
const ADDRESS_MAX = 53

export interface RateLimitOptions {
  /** Requests that one address, and one account, may send in a minute. */
  max: number
}

/** How a key stands after a hit. */
export interface RateLimit {
  limit: number
  remaining: number
  /** Seconds until the count starts anew. */
  reset: number
  isExceeded: boolean
}

/** Counts hits by key in fixed windows of a minute. */
export class RateLimiter {
  readonly #limit: number
  /** The key that was hit longest ago makes room for a new one. */
  readonly #windows = new LRUCache<string, { hits: number; end: number }>({ max: KEYS_MAX })

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Counts a hit. `now` is in milliseconds, of a clock that nobody sets back. */
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

/**
 * Limits requests by address and by account, by one or the other of which a crowd is one. The address comes first of all that
 * happens to a request, so that what is refused later is counted too: unknown paths, bad tokens. Both are synchronous, as
 * every request passes here.
 */
export const limitRates = fp<RateLimitOptions>(async (app, { max }) => {
  const limiters = {
    'sign-in': new RateLimiter(SIGN_INS),
    // Of their own, so that a crowd of readers does not make the service look dead to whoever watches over it.
    health: new RateLimiter(max),
    other: new RateLimiter(max)
  }
  const accounts = new RateLimiter(max)

  app.decorateRequest('rate')

  app.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => {
    // There is no address where the caller has gone already, or came through a Unix socket.
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

/** One family of headers for both counts: that of the tighter one, which is what a caller has to keep to. */
function setRateLimitHeaders({ limit, remaining, reset }: RateLimit, reply: FastifyReply): void {
  reply.header('ratelimit-limit', limit).header('ratelimit-remaining', remaining).header('ratelimit-reset', reset)
}

const isTighter = (a: RateLimit, b: RateLimit) =>
  a.remaining < b.remaining || (a.remaining === b.remaining && a.reset > b.reset)

function tooManyRequests({ reset }: RateLimit): ProblemError {
  return new ProblemError('too-many-requests', `Try again in ${reset} seconds.`, { headers: { 'retry-after': reset } })
}

/**
 * What the requests of an address are counted under. Of IPv6 that is the network, its first 64 bits: one customer has all
 * the addresses of at least one, and could send each request from another. IPv4 is the same on a socket that takes both.
 */
export function toNetwork(address: string): string {
  // Longer than an address is only what a proxy passes on unchecked.
  const text = address.slice(0, ADDRESS_MAX).replace(WITH_PORT, '$1$2')
  if (!text.includes(':')) return text
  if (text.startsWith(MAPPED)) return text.slice(MAPPED.length)
  const [front, back = []] = text.split('::').map((groups) => groups.split(':')) as [string[], string[]?]
  const zeros = Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0')
  return [...front, ...zeros, ...back].slice(0, 4).join(':')
}

/** Some proxies tell the port too, which differs from one connection to the next: `192.0.2.1:5000`, `[2001:db8::1]:5000`. */
const WITH_PORT = /^(?:([\d.]+):\d+|\[([\da-f:.]+)\](?::\d+)?)$/i

/** What an IPv4 address begins with where it is written as one of IPv6. */
const MAPPED = '::ffff:'

/** The same text in memory of its own: a part of a header would keep the whole header alive. */
const copy = (text: string) => Buffer.from(text).toString()
