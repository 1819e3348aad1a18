import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import { NoParameters } from '../../schemas/parameters.js'
import { responseHeaders } from '../../schemas/responses.js'
import type { Config } from '../config.js'
import type { Services } from '../services.js'
import { answerWithProblems } from './error-handler.js'
import { refuseAmbiguity } from './plugins/ambiguous-requests.js'
import { authentication } from './plugins/authentication.js'
import { limitBodyTimes } from './plugins/body-timeout.js'
import { catalogState } from './plugins/catalog-state.js'
import { limitConnections } from './plugins/connection-limit.js'
import { draining } from './plugins/draining.js'
import { handleExpectations } from './plugins/expect-header.js'
import { catalogRequired, freshness } from './plugins/freshness.js'
import { shedOverload } from './plugins/overload.js'
import { refuseMalformedQueries } from './plugins/query-encoding.js'
import { limitRates } from './plugins/rate-limit.js'
import { checkRequestBodies } from './plugins/request-bodies.js'
import { responseCache } from './plugins/response-cache.js'
import { limitSlowClients } from './plugins/slow-clients.js'
import { BODY_TIMEOUT, UPLOAD_TIMEOUT } from './timeouts.js'

/*
 * The request pipeline, in order. Fastify runs hooks in the order of their registration, so the order of the lines below is the order at
 * run time. A hook that calls back with an error, or sends a response, ends the request.
 *
 *   connection → every request → callers with a token → readers | followers | editors | admins → body → handler → response
 */

/**
 * Maximum number of open connections. Each needs about 20 kB, plus one response while its client does not read: at most 500 MB with usual
 * pages.
 */
const CONNECTIONS_MAX = 5000
/** Seconds that a browser may cache the result of a preflight request. */
const PREFLIGHT_MAX_AGE = 600

/** Adds the steps of every request, whether its path exists or not. */
export async function handleEveryRequest(app: FastifyInstance, config: Config, services: Services): Promise<void> {
  // Connection: limits the number of connections, and divides them among clients.
  await app.register(limitConnections, { max: CONNECTIONS_MAX, trustedProxies: config.trustProxy })

  // 1. Headers of every response, those of the errors below included.
  app.addHook('onRequest', ({ id }, reply, done) => {
    reply.header('x-content-type-options', 'nosniff').header('x-request-id', id)
    done()
  })
  // 2. Starts the timeout of the body.
  await app.register(limitBodyTimes, { time: BODY_TIMEOUT })
  // 3. Waits until the response to the request before, on the same connection, has been sent.
  await app.register(limitSlowClients, { longWork: UPLOAD_TIMEOUT })
  // 4. 400 for requests that a proxy may read differently (request smuggling).
  await app.register(refuseAmbiguity)
  // 5. 417 for expectations other than `100-continue`.
  await app.register(handleExpectations)
  // 6. CORS: responds to preflight requests, which carry no token. They count toward no limit.
  if (config.corsOrigins.length > 0) {
    const exposedHeaders = Object.keys(responseHeaders)
    await app.register(cors, {
      origin: config.corsOrigins,
      credentials: true,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders,
      maxAge: PREFLIGHT_MAX_AGE,
      strictPreflight: false
    })
  }
  // 7. 429 by client address. Before the checks below, so that rejected requests (unknown paths, invalid tokens) count too.
  await app.register(limitRates, { max: config.rateLimit })
  // 8. 404 and 405. Turns every error, here and later, into a problem.
  answerWithProblems(app)
  // 9. 503 while the process is overloaded, except for health checks.
  await app.register(shedOverload)

  // The hooks of `handleSignedIn` are declared here, because routes refer to them.
  await app.register(catalogState, { stateCache: services.stateCache })
  await app.register(authentication, {
    keys: services.keys,
    tokens: services.tokens,
    tokenTtl: config.tokenTtl,
    trustedOrigins: config.corsOrigins
  })

  // After the hooks of the route: 415 for a body that the operation does not accept, then limits on JSON, then the encoding of the query,
  // then the schema.
  await app.register(checkRequestBodies)
  await app.register(refuseMalformedQueries)
  // 400 for query parameters, also for operations that take none.
  app.addHook('onRoute', ({ schema }) => {
    if (schema && !schema.hide) schema.querystring ??= NoParameters
  })

  // Response: closes the connection afterwards while the service drains.
  await app.register(draining)
}

/** Adds the steps of requests that need a token. */
export function handleSignedIn(app: FastifyInstance): void {
  // 10. The revision of the catalog, that of tokens and keys, and the last sync. Every later step sees the same.
  app.addHook('onRequest', app.readState)
  // 11. 401 without a valid token, 403 for a write with the cookie from a foreign page.
  app.addHook('onRequest', app.authenticate)
  // 12. 429 by account.
  app.addHook('onRequest', app.limitAccount)
}

/** Adds the steps of requests that read the catalog. */
export async function handleReaders(app: FastifyInstance, config: Config, { catalog }: Services): Promise<void> {
  // 13. 403 without the scope.
  app.addHook('onRequest', app.requireScope('catalog:read'))
  // 14. 503 while there is no catalog, else the headers about its age.
  await app.register(freshness, { catalog, retryAfter: config.syncInterval })
  // 15. Sends a cached response, or 304 or 412 by its ETag. Repeated requests end here. On sending, it caches the response.
  await app.register(responseCache, { size: config.cacheSize })
}

/** Adds the steps of requests that follow changes. Their responses are different each time, so nothing is cached. */
export async function handleFollowers(app: FastifyInstance, config: Config, { catalog }: Services): Promise<void> {
  app.addHook('onRequest', app.requireScope('catalog:read'))
  await app.register(catalogRequired, { catalog, retryAfter: config.syncInterval })
}

/** Adds the steps of requests that edit the catalog. */
export function handleEditors(app: FastifyInstance): void {
  app.addHook('onRequest', app.requireScope('catalog:write'))
  // An import takes long, and other writers wait for it.
  app.addHook('onRequest', app.allowLongWork)
}

/** Adds the steps of requests that operate the service. */
export function handleAdmins(app: FastifyInstance): void {
  app.addHook('onRequest', app.requireScope('catalog:sync'))
}
