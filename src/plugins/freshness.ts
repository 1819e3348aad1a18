import fp from 'fastify-plugin'
import type { Catalog } from '../catalog/catalog.js'
import { ProblemError } from '../problems.js'

export interface FreshnessOptions {
  catalog: Catalog
  /** Seconds to wait for a catalog before asking again. */
  retryAfter: number
}

/** Tells in `Cache-Status` (RFC 9211) where the answers come from, and that there are none while there is no catalog. */
export const freshness = fp<FreshnessOptions>(async (app, { catalog, retryAfter }) => {
  app.addHook('onRequest', async (_request, reply) => {
    const state = await catalog.state()
    if (state === 'empty') {
      throw new ProblemError('catalog-unavailable', 'The source has not answered yet. Try again later.', {
        headers: { 'retry-after': retryAfter }
      })
    }
    reply.header('cache-status', state === 'sample' ? 'catalog; hit; detail=sample' : 'catalog; hit')
  })
})
