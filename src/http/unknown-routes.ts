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
    if (route.url.includes(':')) route.onRequest = [requireOwnMethod, ...[route.onRequest ?? []].flat()]
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
   * Rejects the methods that a path does not support although a pattern that matches the path does: `PATCH /products/export` must not
   * change a product with the id `export`.
   */
  function requireOwnMethod(request: FastifyRequest, _reply: unknown, done: HookHandlerDoneFunction): void {
    const methods = routes.get(toPath(request))
    done(methods && methodNotAllowed(methods))
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
  const methods = routes.get(path) ?? [...routes].find(([pattern]) => matches(pattern, path))?.[1]
  if (!methods || methods.includes(request.method)) return new ProblemError('not-found', SEE_DOCS)
  return methodNotAllowed(methods)
}

/** Returns the problem of an unsupported method (RFC 9110, section 15.5.6). */
function methodNotAllowed(methods: string[]): ProblemError {
  const allow = methods.join(', ')
  return new ProblemError('method-not-allowed', `Allowed methods: ${allow}.`, { headers: { allow } })
}

/** Returns whether a path matches the pattern of a route: `:name` stands for one segment, a final `*` for any number of them. */
function matches(pattern: string, path: string): boolean {
  const segments = path.split('/')
  const expected = pattern.split('/')
  const isOpen = expected.at(-1) === '*'
  if (isOpen ? segments.length < expected.length : segments.length !== expected.length) return false
  return expected.every((segment, i) => segment === '*' || segment.startsWith(':') || segment === segments[i])
}
