import type { FastifyInstance, FastifyRequest, HookHandlerDoneFunction, HTTPMethods, RouteOptions } from 'fastify'
import { ProblemError } from './problems.js'
import { pathOf } from './request-path.js'
import { SEE_DOCS } from './request-problems.js'

/** Rejects requests for unknown paths (404) and with methods that a path does not support (405). */
export function refuseUnknownRoutes(app: FastifyInstance): void {
  /** The methods of each route, by its path or pattern. */
  const routes = new Map<string, string[]>()

  app.addHook('onRoute', (route: RouteOptions) => {
    routes.set(route.url, [])
    if (route.url.includes(':')) route.onRequest = [requireOwnPath, ...[route.onRequest ?? []].flat()]
  })
  // Only the router knows all methods: `/docs` and `/docs/` are one route, and Fastify calls `onRoute` for one of them.
  app.addHook('onReady', async () => {
    for (const url of routes.keys()) {
      routes.set(
        url,
        app.supportedMethods.filter((method) => app.hasRoute({ url, method: method as HTTPMethods }))
      )
    }
  })

  /**
   * Rejects requests that the router assigns to a pattern although they are not for its path: `PATCH /products/export` must not change a
   * product with the id `export`, and `GET /products/` must not look for a product with an empty id.
   */
  function requireOwnPath(request: FastifyRequest, _reply: unknown, done: HookHandlerDoneFunction): void {
    const methods = routes.get(toPath(request))
    if (methods) done(methodNotAllowed(methods))
    else done(Object.values(request.params as object).includes('') ? notFound(request, routes) : undefined)
  }

  // As a hook, it runs before the body is read. The handler serves the plugins that find no file at a path.
  app.addHook('onRequest', (request, _reply, done) => done(request.is404 ? notFound(request, routes) : undefined))
  app.setNotFoundHandler((request) => {
    throw notFound(request, routes)
  })
}

/** Returns the path that the router looked up. Decoding cannot fail, because the router has decoded the path before. */
const toPath = ({ url }: FastifyRequest) => decodeURI(pathOf(url))

/** Returns `not-found` for an unknown path, and `method-not-allowed` for a path that supports other methods. */
function notFound(request: FastifyRequest, routes: Map<string, string[]>): ProblemError {
  const path = toPath(request)
  const methods = methodsOf(path, routes)
  if (methods && !methods.includes(request.method)) return methodNotAllowed(methods)
  const isSlashExtra = path.endsWith('/') && methodsOf(path.slice(0, -1), routes) !== undefined
  return new ProblemError('not-found', isSlashExtra ? 'Remove the slash at the end of the path.' : SEE_DOCS)
}

const methodsOf = (path: string, routes: Map<string, string[]>) =>
  routes.get(path) ?? [...routes].find(([pattern]) => matches(pattern, path))?.[1]

/** Returns the problem of an unsupported method (RFC 9110, section 15.5.6). */
function methodNotAllowed(methods: string[]): ProblemError {
  const allow = methods.join(', ')
  return new ProblemError('method-not-allowed', `Allowed methods: ${allow}.`, { headers: { allow } })
}

/**
 * Returns whether a path matches the pattern of a route: `:name` stands for one segment that is not empty, a final `*` for any number of
 * segments.
 */
function matches(pattern: string, path: string): boolean {
  const segments = path.split('/')
  const expected = pattern.split('/')
  const isOpen = expected.at(-1) === '*'
  if (isOpen ? segments.length < expected.length : segments.length !== expected.length) return false
  return expected.every(
    (segment, i) => segment === '*' || segment === segments[i] || (segment.startsWith(':') && segments[i] !== '')
  )
}
