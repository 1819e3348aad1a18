import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { body, ok, problems } from '../../../schemas/responses.js'
import { CatalogStatus } from '../../../schemas/service.js'
import { SyncInput } from '../../../schemas/sync.js'
import type { Catalog } from '../../catalog/catalog.js'
import type { Synchronizer } from '../../sync/synchronizer.js'
import { ProblemError } from '../problems.js'

export const syncRoutes: FastifyPluginAsyncTypebox<{ catalog: Catalog; synchronizer: Synchronizer }> = async (
  app,
  { catalog, synchronizer }
) => {
  app.post(
    '/sync',
    {
      schema: {
        operationId: 'startSync',
        tags: ['managing'],
        summary: 'Sync with the source now',
        description:
          'Begins a sync with the source and does not wait for it: `GET /` tells how it went, by its `lastSync` and `reason`. There is ' +
          'one every `SYNC_INTERVAL` seconds anyway; this is for whoever does not want to wait, and for accepting a catalog that ' +
          'has become much smaller, which was refused with the reason `shrunk`. It needs the scope `catalog:sync`, which admins have.',
        body: body(SyncInput, 'application/json'),
        'x-optional-body': true,
        response: {
          202: ok(
            CatalogStatus,
            'It has begun. This is how the catalog stands before it.',
            'Location',
            'Cache-Control'
          ),
          ...problems(400, 401, 403, 409, 413, 415, 429, 500, 503)
        }
      }
    },
    async (request, reply) => {
      if (!synchronizer.hasSource)
        throw new ProblemError('no-source', 'There is no source to sync with: SOURCE_URL is `none`.')
      const status = await catalog.describe()
      const acceptLoss = request.body?.acceptLoss ?? false
      request.log.info({ account: request.user.sub, acceptLoss }, 'sync requested')
      // It never fails: what becomes of it is kept, and logged.
      void synchronizer.run(request.body)
      reply.code(202).header('location', '/').header('cache-control', 'no-store')
      return status
    }
  )
}
