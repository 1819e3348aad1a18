import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import type { Catalog } from '../../catalog/catalog.js'
import { explainEmptyCatalog } from '../../catalog/freshness.js'
import type { SourceState } from '../../store/source-state.js'
import { ProblemError } from '../problems.js'

export interface FreshnessOptions {
  catalog: Catalog
  /** Seconds to wait for a catalog before asking again. */
  retryAfter: number
}

/**
 * Tells how old the answers are, in `Age` (RFC 9111), and where they come from, in `Cache-Status` (RFC 9211); and that there
 * are none while there is no catalog.
 */
export const freshness = fp<FreshnessOptions>(async (app, { catalog, retryAfter }) => {
  let told: { source: SourceState; second: number; headers: Record<string, string> } | undefined

  app.addHook('onRequest', ({ state: known }, reply, done) => done(addHeaders(known.source, reply)))

  /** Adds the headers; answers with the problem where there is no catalog that they could be about. */
  function addHeaders(source: SourceState, reply: FastifyReply): ProblemError | undefined {
    const second = Math.floor(Date.now() / 1000)
    if (told?.source !== source || told.second !== second) {
      const headers = toFreshnessHeaders(catalog, source)
      if (!headers) return unavailable(catalog, source, retryAfter)
      told = { source, second, headers }
    }
    reply.headers(told.headers)
    return undefined
  }
})

/** Lets no request through while there is no catalog. */
export const catalogRequired = fp<FreshnessOptions>(async (app, { catalog, retryAfter }) => {
  app.addHook('onRequest', ({ state: known }, _reply, done) =>
    done(catalog.freshness(known.source).state === 'empty' ? unavailable(catalog, known.source, retryAfter) : undefined)
  )
})

const unavailable = (catalog: Catalog, source: SourceState, retryAfter: number) =>
  new ProblemError('catalog-unavailable', `${explainEmptyCatalog(catalog.freshness(source).reason)} Try again later.`, {
    headers: { 'retry-after': retryAfter }
  })

/** The headers for this second; undefined where there is no catalog. */
function toFreshnessHeaders(catalog: Catalog, source: SourceState): Record<string, string> | undefined {
  const { state, age, ttl, reason } = catalog.freshness(source)
  if (state === 'empty') return undefined
  const status = ['catalog; hit', ...(ttl === undefined ? [] : [`ttl=${ttl}`]), ...(reason ? [`detail=${reason}`] : [])]
  return { 'cache-status': status.join('; '), ...(age !== undefined && { age: String(age) }) }
}
