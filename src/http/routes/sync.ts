import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { body, ok, problems } from '../../../schemas/responses.js'
import { CatalogStatus } from '../../../schemas/service.js'
import { SyncInput, SyncState } from '../../../schemas/sync.js'
import type { Catalog } from '../../catalog/catalog.js'
import type { Synchronizer } from '../../sync/synchronizer.js'
import { ProblemError } from '../problems.js'

export const syncRoutes: FastifyPluginAsyncTypebox<{ catalog: Catalog; synchronizer: Synchronizer }> = async (
  app,
  { catalog, synchronizer }
) => {
  app.get(
    '/sync',
    {
      schema: {
        operationId: 'getSync',
        tags: ['managing'],
        summary: 'Get the state of the sync',
        description:
          'Returns the state of the catalog, and a report: which products of the source are in quarantine, and which fields the service ' +
          'repaired or dropped. Also returns the result of the last dry run. Each process reads the source and has its own report and dry run. ' +
          'A sync that reads only the changes of the source keeps the report of the last sync that read the whole source. This operation requires the scope `catalog:sync`, ' +
          'which only admins have.',
        response: {
          200: ok(SyncState, 'The state of the catalog, and the report.', 'Cache-Control'),
          ...problems(400, 401, 403, 429, 500, 503)
        }
      }
    },
    async (_request, reply) => {
      const { report, dryRun } = synchronizer
      reply.header('cache-control', 'no-store')
      return { catalog: await catalog.describe(), ...(report && { report }), ...(dryRun && { dryRun }) }
    }
  )

  app.post(
    '/sync',
    {
      schema: {
        operationId: 'startSync',
        tags: ['managing'],
        summary: 'Start a sync',
        description:
          'Starts a sync with the source and returns immediately. To see the result, check `lastSync` and `reason` in `GET /sync`. ' +
          'The service also syncs automatically every `SYNC_INTERVAL` seconds. If a sync failed with the reason `shrunk` and the source has ' +
          'really become smaller, send `acceptLoss`. With `dryRun`, the service reads the source and writes nothing. This operation requires the scope `catalog:sync`, which only admins have.',
        body: body(SyncInput, 'application/json'),
        'x-optional-body': true,
        response: {
          202: ok(
            CatalogStatus,
            'The sync or dry run has started. The body is the state of the catalog before the sync.',
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
      const { acceptLoss = false, dryRun = false } = request.body ?? {}
      request.log.info({ account: request.user.sub, acceptLoss, dryRun }, 'sync requested')
      if (dryRun)
        void synchronizer
          .tryRun(request.body)
          .catch((error) => request.log.error(error, 'the dry run of a sync failed'))
      // It never rejects: the synchronizer stores and logs the result.
      else void synchronizer.run(request.body)
      // `GET /`, relative to `/sync`.
      reply.code(202).header('location', './').header('cache-control', 'no-store')
      return status
    }
  )
}
