import rateLimit from '@fastify/rate-limit'
import fp from 'fastify-plugin'
import { ProblemError } from '../problems.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Counts the route's requests apart from those of other routes. */
    limit?: 'sign-in' | 'health'
  }
}

/** Sign-ins that one address may try in a minute. */
const SIGN_INS = 10

export interface RateLimitOptions {
  /** Requests that one address may send in a minute. */
  max: number
}

/**
 * Limits requests by address. It comes first of all that happens to a request, so that what is refused later is counted
 * too: unknown paths, bad tokens.
 */
export const limitRates = fp<RateLimitOptions>(async (app, { max }) => {
  await app.register(rateLimit, {
    global: false,
    max,
    timeWindow: 60_000,
    // RateLimit-Limit, RateLimit-Remaining and RateLimit-Reset, instead of names of the plugin's own.
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { ttl }) =>
      new ProblemError('too-many-requests', `Try again in ${Math.ceil(ttl / 1000)} seconds.`)
  })
  const limits = {
    'sign-in': app.rateLimit({ max: SIGN_INS }),
    // Of their own, so that a crowd of readers does not make the service look dead to whoever watches over it.
    health: app.rateLimit({ max }),
    other: app.rateLimit({ max })
  }
  app.addHook('onRequest', function (request, reply) {
    return limits[request.routeOptions.config.limit ?? 'other'].call(this, request, reply)
  })
})
