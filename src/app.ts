import cors from '@fastify/cors'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify, { type FastifyInstance, LogController } from 'fastify'
import { components } from '../schemas/index.js'
import { BODY_MAX } from '../schemas/problem.js'
import { responseHeaders } from '../schemas/responses.js'
import type { Config } from './config.js'
import { authentication } from './plugins/authentication.js'
import { collectDocument, docs } from './plugins/docs.js'
import { freshness } from './plugins/freshness.js'
import { limitRates } from './plugins/rate-limit.js'
import { answerClientError, answerFrameworkError, answerWithProblems } from './problems.js'
import { signInRoutes, signOutRoutes } from './routes/auth.js'
import { categoryRoutes } from './routes/categories.js'
import { healthRoutes } from './routes/health.js'
import { productRoutes } from './routes/products.js'
import { rootRoutes } from './routes/root.js'
import { createServices, type Services } from './services.js'
import { createValidator } from './validation.js'

declare module 'fastify' {
  interface FastifyInstance {
    services: Services
  }
}

/** The whole service. It starts to work when it gets ready, and stops when it is closed. */
export async function buildApp(
  config: Config,
  announce: (username: string, password: string) => void
): Promise<FastifyInstance> {
  const app = await buildApi(config)
  app.addHook('onReady', () => app.services.start(announce))
  app.addHook('onClose', () => app.services.stop())
  return app
}

/** The HTTP side of the service. Its services stand still: no database is opened, and no source asked. */
export async function buildApi(config: Config): Promise<FastifyInstance> {
  const app = fastify({
    logger: { level: config.logLevel },
    // Where it is not asked for, no line for each request: it would cost more than the answer.
    logController: new LogController({ disableRequestLogging: !['debug', 'trace'].includes(config.logLevel) }),
    genReqId: () => crypto.randomUUID(),
    trustProxy: config.trustProxy.length > 0 ? config.trustProxy : false,
    bodyLimit: BODY_MAX,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 16_384 },
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError
  }).withTypeProvider<TypeBoxTypeProvider>()

  for (const component of components) app.addSchema(component)
  const body = createValidator()
  // What comes in an address is text: numbers are read from it, and a single value can stand for a list of one.
  const address = createValidator({ coerceTypes: 'array' })
  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body' ? body : address).compile(schema as object))
  app.removeContentTypeParser('text/plain')

  const services = createServices(config, app.log)
  app.decorate('services', services)
  const { accounts, catalog, keys, tokens } = services

  answerWithProblems(app)
  if (config.corsOrigins.length > 0) {
    const exposedHeaders = Object.keys(responseHeaders)
    await app.register(cors, { origin: config.corsOrigins, credentials: true, exposedHeaders })
  }
  await app.register(limitRates, { max: config.rateLimit })
  await app.register(authentication, { keys, tokens, tokenTtl: config.tokenTtl })
  await app.register(collectDocument)

  await app.register(docs)
  await app.register(rootRoutes, { catalog })
  await app.register(healthRoutes, { catalog })
  await app.register(signInRoutes, { accounts, keys })
  await app.register(async (guarded) => {
    guarded.addHook('onRequest', guarded.authenticate)
    await guarded.register(signOutRoutes)
    await guarded.register(async (reading) => {
      reading.addHook('onRequest', reading.requireScope('catalog:read'))
      await reading.register(freshness, { catalog, retryAfter: config.syncInterval })
      await reading.register(productRoutes, { catalog })
      await reading.register(categoryRoutes, { catalog })
    })
  })
  return app
}
