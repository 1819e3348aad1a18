import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ok, problems } from '../../../schemas/responses.js'
import { type Check, Liveness, Readiness } from '../../../schemas/service.js'
import type { Catalog } from '../../catalog/catalog.js'
import { explainEmptyCatalog, type Freshness } from '../../catalog/freshness.js'
import { ignorePressure } from '../plugins/overload.js'
import { ProblemError } from '../problems.js'

/** `Retry-After` of a failed readiness check, in seconds. */
const RETRY_AFTER = 5

export const healthRoutes: FastifyPluginAsyncTypebox<{ catalog: Catalog }> = async (app, { catalog }) => {
  app.get(
    '/livez',
    {
      config: { limit: 'health', pressureHandler: ignorePressure },
      schema: {
        operationId: 'checkLiveness',
        tags: ['service'],
        summary: 'Check liveness',
        description: 'Responds if the process is running. If the service does not respond, restart it.',
        security: [{}],
        response: { 200: ok(Liveness, 'The process is running.', 'Cache-Control'), ...problems(400, 429, 500) }
      }
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store')
      return { status: 'ok' as const }
    }
  )

  app.get(
    '/readyz',
    {
      config: { limit: 'health', pressureHandler: ignorePressure },
      schema: {
        operationId: 'checkReadiness',
        tags: ['service'],
        summary: 'Check readiness',
        description:
          'Checks the database and the catalog. If the catalog is stale or is the built-in sample, the status is `degraded`, but the service still handles requests. ' +
          'The response is 503 if there is no catalog, the database does not respond, or the service is shutting down. In this case, send requests to another process.',
        security: [{}],
        response: { 200: ok(Readiness, 'The service is ready.', 'Cache-Control'), ...problems(400, 429, 500, 503) }
      }
    },
    async (request, reply) => {
      const checks = await catalog.readFreshness().then(
        (freshness): Check[] => [{ name: 'database', status: 'ok' }, checkCatalog(freshness)],
        (error): Check[] => {
          request.log.error(error, 'the database does not respond')
          return [
            { name: 'database', status: 'failed', detail: 'The database does not respond.' },
            { name: 'catalog', status: 'failed', detail: 'The database with the catalog does not respond.' }
          ]
        }
      )
      if (app.isDraining())
        checks.unshift({ name: 'service', status: 'failed', detail: 'The service is shutting down.' })
      if (checks.some((check) => check.status === 'failed')) {
        throw new ProblemError('not-ready', undefined, { checks, headers: { 'retry-after': RETRY_AFTER } })
      }
      const status = checks.some((check) => check.status === 'degraded') ? ('degraded' as const) : ('ok' as const)
      reply.header('cache-control', 'no-store')
      return { status, checks }
    }
  )
}

function checkCatalog({ state, reason, age }: Freshness): Check {
  const name = 'catalog'
  if (state === 'fresh') return { name, status: 'ok' }
  if (state === 'empty')
    return { name, status: 'failed', detail: `There is no catalog yet. ${explainEmptyCatalog(reason)}` }
  const what = state === 'sample' ? 'The service serves the sample.' : 'The catalog is stale.'
  const why =
    age === undefined
      ? explainEmptyCatalog(reason)
      : `The last successful sync was ${age} seconds ago${reason ? `; the latest one failed (${reason})` : ''}.`
  return { name, status: 'degraded', detail: `${what} ${why}` }
}
