import cors from '@fastify/cors'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastJsonStringify from 'fast-json-stringify'
import fastify, {
  type FastifyInstance,
  type FastifyRequest,
  type FastifySchemaValidationError,
  LogController
} from 'fastify'
import { components } from '../schemas/index.js'
import { NoParameters } from '../schemas/parameters.js'
import { BODY_MAX } from '../schemas/problem.js'
import { responseHeaders } from '../schemas/responses.js'
import type { ShowPassword } from './auth/accounts.js'
import type { Config } from './config.js'
import { refuseAmbiguity } from './http/plugins/ambiguous-requests.js'
import { authentication } from './http/plugins/authentication.js'
import { limitBodyTimes } from './http/plugins/body-timeout.js'
import { limitConnections } from './http/plugins/connection-limit.js'
import { collectDocument, docs } from './http/plugins/docs.js'
import { stopping } from './http/plugins/draining.js'
import { handleExpectations } from './http/plugins/expect-header.js'
import { catalogRequired, freshness } from './http/plugins/freshness.js'
import { shedOverload } from './http/plugins/overload.js'
import { limitRates } from './http/plugins/rate-limit.js'
import { checkRequestBodies } from './http/plugins/request-bodies.js'
import { responseCache } from './http/plugins/response-cache.js'
import { boundSlowClients } from './http/plugins/slow-clients.js'
import { answerClientError, answerFrameworkError, answerWithProblems, pathOf } from './http/problems.js'
import { createRequestIds } from './http/request-ids.js'
import { signInRoutes, signOutRoutes } from './http/routes/auth.js'
import { categoryRoutes } from './http/routes/categories.js'
import { changeRoutes, historyRoutes } from './http/routes/changes.js'
import { editingRoutes } from './http/routes/editing.js'
import { healthRoutes } from './http/routes/health.js'
import { productRoutes } from './http/routes/products.js'
import { rootRoutes } from './http/routes/root.js'
import { syncRoutes } from './http/routes/sync.js'
import { exportRoutes, importRoutes } from './http/routes/transfer.js'
import { createServices, type Services } from './services.js'
import { createChecks, parseText, withLowerCaseNames } from './support/validation.js'

declare module 'fastify' {
  interface FastifyInstance {
    services: Services
  }
}

/** Milliseconds that a file may take to arrive, and those that headers and any other body may take. */
const UPLOAD_TIME = 600_000
const BODY_TIME = 30_000
/** Milliseconds between two checks for late headers. The default of Node.js, 30 seconds, would double their limit. */
const CHECK_INTERVAL = 1000

/**
 * Milliseconds without a byte after which a connection is closed in the middle of a request or response. It is above `BODY_TIME`, so that
 * a late request gets its 408. Node.js waits twice as long for a client that stops reading: each part of a response that left restarts the time.
 */
const STILL_TIME = 40_000
/** Longer than load balancers keep a connection, most of them 60 seconds: otherwise they would send into one that is just being closed. */
const KEEP_ALIVE_TIME = 72_000
/** Each costs some 20 kB, and as much as one answer more while its client does not read: 500 MB at most of all, with the usual pages. */
const CONNECTIONS_MAX = 5000

/** Seconds that a browser may keep what a preflight request was told. */
const PREFLIGHT_TIME = 600

/** The whole service. It gets to work when it listens, and stops when it is closed. */
export async function buildApp(config: Config, announce: ShowPassword): Promise<FastifyInstance> {
  const app = await buildApi(config)
  app.addHook('onReady', () => app.services.start(announce))
  // When requests are already answered: the source can wait, whoever asks cannot.
  app.addHook('onListen', async () => app.services.begin())
  app.addHook('onClose', () => app.services.stop())
  return app
}

/** The HTTP side of the service. Its services stand still: no database is opened, and no source asked. */
export async function buildApi(config: Config): Promise<FastifyInstance> {
  const app = fastify({
    logger: { level: config.logLevel, serializers: { req: describeRequest } },
    // Where it is not asked for, no line for each request: it would cost more than the answer.
    logController: new LogController({ disableRequestLogging: !['debug', 'trace'].includes(config.logLevel) }),
    genReqId: createRequestIds(),
    trustProxy: config.trustProxy.length > 0 ? config.trustProxy : false,
    bodyLimit: BODY_MAX,
    // As long as the largest file may take; what else comes has less.
    requestTimeout: UPLOAD_TIME,
    connectionTimeout: STILL_TIME,
    keepAliveTimeout: KEEP_ALIVE_TIME,
    // What comes while the service stops is answered like anything else, and ends its connection.
    return503OnClosing: false,
    http: {
      headersTimeout: BODY_TIME,
      connectionsCheckingInterval: CHECK_INTERVAL,
      // `refuseAmbiguity` checks it. The response of Node.js is not a problem and has no request id.
      requireHostHeader: false
    },
    // A large database that an older release has left takes its time to be brought up to date.
    pluginTimeout: 0,
    routerOptions: { maxParamLength: 16_384 },
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError
  }).withTypeProvider<TypeBoxTypeProvider>()

  for (const component of components) app.addSchema(component)
  app.setValidatorCompiler<object>(({ schema: declared, httpPart }) => {
    const schema = httpPart === 'headers' ? withLowerCaseNames(declared) : declared
    const check = createCheck(schema)
    return (data: object) => {
      const value = httpPart === 'body' ? data : parseText(schema, data)
      const errors = check(value)
      return errors ? { error: errors as FastifySchemaValidationError[] } : { value }
    }
  })
  app.setSerializerCompiler<object>(({ schema }) => createSerializer(schema))

  // An address that takes no parameters refuses them, as one that takes some refuses the others.
  app.addHook('onRoute', ({ schema }) => {
    if (schema && !schema.hide) schema.querystring ??= NoParameters
  })

  // Before anything that may already answer. Of what is there for pages, an answer in JSON needs no more than this.
  app.addHook('onRequest', ({ id }, reply, done) => {
    reply.header('x-content-type-options', 'nosniff').header('x-request-id', id)
    done()
  })

  await app.register(limitBodyTimes, { time: BODY_TIME })
  await app.register(limitConnections, { max: CONNECTIONS_MAX, trustedProxies: config.trustProxy })
  await app.register(boundSlowClients, { longWork: UPLOAD_TIME })
  await app.register(stopping)
  await app.register(refuseAmbiguity)
  await app.register(handleExpectations)

  const services = createServices(config, app.log)
  app.decorate('services', services)
  const { accounts, catalog, changes, editor, feed, keys, snapshot, synchronizer, tokens, transfers } = services

  if (config.corsOrigins.length > 0) {
    const exposedHeaders = Object.keys(responseHeaders)
    await app.register(cors, {
      origin: config.corsOrigins,
      credentials: true,
      methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
      exposedHeaders,
      maxAge: PREFLIGHT_TIME,
      strictPreflight: false
    })
  }
  await app.register(limitRates, { max: config.rateLimit })
  answerWithProblems(app)
  await app.register(shedOverload)
  await app.register(authentication, {
    keys,
    tokens,
    snapshot,
    tokenTtl: config.tokenTtl,
    trustedOrigins: config.corsOrigins
  })
  await app.register(checkRequestBodies)
  await app.register(collectDocument)

  await app.register(docs)
  await app.register(rootRoutes, { catalog })
  await app.register(healthRoutes, { catalog })
  await app.register(signInRoutes, { accounts, keys })
  await app.register(async (guarded) => {
    guarded.addHook('onRequest', guarded.authenticate)
    guarded.addHook('onRequest', guarded.limitAccount)
    await guarded.register(signOutRoutes)
    await guarded.register(async (reading) => {
      reading.addHook('onRequest', reading.requireScope('catalog:read'))
      await reading.register(freshness, { catalog, retryAfter: config.syncInterval })
      await reading.register(responseCache, { size: config.cacheSize })
      await reading.register(productRoutes, { catalog })
      await reading.register(categoryRoutes, { catalog })
      await reading.register(exportRoutes, { transfers })
    })
    await guarded.register(async (following) => {
      following.addHook('onRequest', following.requireScope('catalog:read'))
      await following.register(catalogRequired, { catalog, retryAfter: config.syncInterval })
      await following.register(changeRoutes, { feed })
    })
    await guarded.register(async (writing) => {
      writing.addHook('onRequest', writing.requireScope('catalog:write'))
      // An import takes its time, and those who write meanwhile wait for it.
      writing.addHook('onRequest', writing.allowLongWork)
      await writing.register(editingRoutes, { editor })
      await writing.register(historyRoutes, { catalog, changes })
      await writing.register(importRoutes, { transfers })
    })
    await guarded.register(async (operating) => {
      operating.addHook('onRequest', operating.requireScope('catalog:sync'))
      await operating.register(syncRoutes, { catalog, synchronizer })
    })
  })
  return app
}

// Both are compiled once per schema and process: most responses are problems, of one schema, and each compilation takes a millisecond.
const createCheck = oncePerSchema(createChecks())
const schemasById = Object.fromEntries(components.map((component) => [component.$id, component]))
const createSerializer = oncePerSchema((schema) => fastJsonStringify(schema, { schema: schemasById }))

/** Compiles each schema once. Schemas are the same if their JSON is. */
function oncePerSchema<Compiled>(compile: (schema: object) => Compiled): (schema: object) => Compiled {
  const compiled = new Map<string, Compiled>()
  return (schema) => {
    const text = JSON.stringify(schema)
    const known = compiled.get(text) ?? compile(schema)
    compiled.set(text, known)
    return known
  }
}

/** Describes a request for the log: without its query, which may hold a token that somebody sent in the wrong place. */
function describeRequest({ method, url, host, ip, socket }: FastifyRequest) {
  const path = pathOf(url)
  const remotePort = socket?.remotePort
  return { method, url: path, host, remoteAddress: ip, ...(remotePort !== undefined && { remotePort }) }
}
