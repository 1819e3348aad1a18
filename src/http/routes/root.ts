import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { empty, ok, problems } from '../../../schemas/responses.js'
import { ServiceInfo } from '../../../schemas/service.js'
import type { Catalog } from '../../catalog/catalog.js'
import { name, version } from '../../version.js'
import { addVary } from '../vary.js'

export const rootRoutes: FastifyPluginAsyncTypebox<{ catalog: Catalog }> = async (app, { catalog }) => {
  app.get(
    '/',
    {
      schema: {
        operationId: 'getServiceInfo',
        tags: ['service'],
        summary: 'What this is, and how it stands',
        description:
          'Name, version and links of the service, and the state of its catalog. A browser is sent on to the documentation.',
        security: [{}],
        response: {
          200: ok(ServiceInfo, 'The service.', 'Cache-Control', 'Vary'),
          302: empty('For browsers (`Accept: text/html`): the documentation.', 'Location', 'Cache-Control', 'Vary'),
          ...problems(400, 429, 500, 503)
        }
      }
    },
    async (request, reply) => {
      addVary(reply, 'Accept')
      reply.header('cache-control', 'no-store')
      if (request.headers.accept?.includes('text/html')) return reply.redirect('/docs')
      return {
        name,
        version,
        links: { docs: '/docs', openapi: '/docs/json', openapiYaml: '/docs/yaml' },
        catalog: await catalog.describe()
      }
    }
  )
}
