import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { empty, ok, problems } from '../../../schemas/responses.js'
import { ServiceInfo } from '../../../schemas/service.js'
import type { Catalog } from '../../catalog/catalog.js'
import type { Synchronizer } from '../../sync/synchronizer.js'
import { name, version } from '../../version.js'
import { addVary } from '../vary.js'

export const rootRoutes: FastifyPluginAsyncTypebox<{ catalog: Catalog; synchronizer: Synchronizer }> = async (
  app,
  { catalog, synchronizer }
) => {
  app.get(
    '/',
    {
      schema: {
        operationId: 'getServiceInfo',
        tags: ['service'],
        summary: 'Get service information',
        description:
          'Returns the name, version and links of the service and the state of its catalog. Redirects browsers to the documentation.\n\n' +
          '`catalog` says how fresh the data is. Requests never wait for the source: if the source fails, the service keeps serving ' +
          'the last catalog.',
        security: [{}],
        response: {
          200: ok(ServiceInfo, 'Service information.', 'Cache-Control', 'Vary'),
          302: empty(
            'Redirect to the documentation, for browsers (`Accept: text/html`).',
            'Location',
            'Cache-Control',
            'Vary'
          ),
          ...problems(400, 429, 500, 503)
        }
      }
    },
    async (request, reply) => {
      addVary(reply, 'Accept')
      reply.header('cache-control', 'no-store')
      // Relative, because a proxy may add a prefix to all paths.
      if (request.headers.accept?.includes('text/html')) return reply.redirect('docs/')
      return {
        name,
        version,
        links: { docs: 'docs/', openapi: 'docs/json', openapiYaml: 'docs/yaml' },
        catalog: await catalog.describe(),
        ...(synchronizer.epochs.length > 0 && { sources: [...synchronizer.epochs] })
      }
    }
  )
}
