import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastJsonStringify from 'fast-json-stringify'
import fastify, { type FastifyRequest, type FastifySchemaValidationError, LogController } from 'fastify'
import { components } from '../../schemas/index.js'
import { BODY_MAX } from '../../schemas/problem.js'
import type { Config } from '../config.js'
import { createChecks, parseText, withLowerCaseNames } from '../support/validation.js'
import { answerClientError } from './client-errors.js'
import { answerFrameworkError } from './error-handler.js'
import { createRequestIds } from './request-ids.js'
import { pathOf } from './request-path.js'
import { BODY_TIMEOUT, UPLOAD_TIMEOUT } from './timeouts.js'

/** Milliseconds between two checks for headers that arrive too late. The default of Node.js, 30 seconds, would double their timeout. */
const TIMEOUT_CHECK_INTERVAL = 1000

/**
 * Milliseconds without a byte after which a connection is closed in the middle of a request or response. It is above `BODY_TIMEOUT`, so
 * that a late request gets its 408. For a client that stops reading, Node.js waits up to twice as long: every partial write restarts the
 * timeout.
 */
const IDLE_TIMEOUT = 40_000

/**
 * Milliseconds that an idle connection is kept. Most load balancers keep theirs for 60 seconds. With a shorter time, they would send
 * requests on connections that the service is closing.
 */
const KEEP_ALIVE_TIMEOUT = 72_000

/** Creates the Fastify instance: limits, timeouts, validation by the contract's schemas, and serialization. */
export function createFastify(config: Config) {
  const app = fastify({
    logger: { level: config.logLevel, serializers: { req: describeRequest } },
    // Request logging is off by default: a log line costs more than a cached response.
    logController: new LogController({ disableRequestLogging: !['debug', 'trace'].includes(config.logLevel) }),
    genReqId: createRequestIds(),
    trustProxy: config.trustProxy.length > 0 ? config.trustProxy : false,
    bodyLimit: BODY_MAX,
    // Maximum time for any request to arrive. `limitBodyTimes` ends requests without a file earlier.
    requestTimeout: UPLOAD_TIMEOUT,
    connectionTimeout: IDLE_TIMEOUT,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    // Requests that arrive while the service stops are still served. `draining` closes their connections.
    return503OnClosing: false,
    http: {
      headersTimeout: BODY_TIMEOUT,
      connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL,
      // `refuseAmbiguity` checks it. The response of Node.js is not a problem document and has no request id.
      requireHostHeader: false
    },
    // The migration of a large database may take long.
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
  return app
}

// Compiled once per schema and process. Most responses are problems and share one schema, and each compilation takes about a millisecond.
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

/** Describes a request in the log. Omits the query, because it may contain a token that a client sent in the wrong place. */
function describeRequest({ method, url, host, ip, socket }: FastifyRequest) {
  const path = pathOf(url)
  const remotePort = socket?.remotePort
  return { method, url: path, host, remoteAddress: ip, ...(remotePort !== undefined && { remotePort }) }
}
