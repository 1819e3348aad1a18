import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import type { Catalog } from '../../catalog/catalog.js'
import { explainEmptyCatalog } from '../../catalog/freshness.js'
import type { SourceState } from '../../store/source-state.js'
import { ProblemError } from '../problems.js'

export interface FreshnessOptions {
  catalog: Catalog
  /** Seconds after which clients may retry while there is no catalog. */
  retryAfter: number
}

/**
 * Adds the age of the catalog to responses, as `Age` (RFC 9111), and its state, as `Cache-Status` (RFC 9211). Rejects requests while
 * there is no catalog.
 */
export const freshness = fp<FreshnessOptions>(async (app, { catalog, retryAfter }) => {
  let cached: { source: SourceState; second: number; headers: Record<string, string> } | undefined

  app.addHook('onRequest', ({ state }, reply, done) => done(addHeaders(state.source, reply)))

  /** Adds the headers. Returns the problem if there is no catalog. */
  function addHeaders(source: SourceState, reply: FastifyReply): ProblemError | undefined {
    const second = Math.floor(Date.now() / 1000)
    if (cached?.source !== source || cached.second !== second) {
      const headers = toFreshnessHeaders(catalog, source)
      if (!headers) return unavailable(catalog, source, retryAfter)
      cached = { source, second, headers }
    }
    reply.headers(cached.headers)
    return undefined
  }
})

/** Rejects requests while there is no catalog. */
export const catalogRequired = fp<FreshnessOptions>(async (app, { catalog, retryAfter }) => {
  app.addHook('onRequest', ({ state }, _reply, done) =>
    done(catalog.freshness(state.source).state === 'empty' ? unavailable(catalog, state.source, retryAfter) : undefined)
  )
})

const unavailable = (catalog: Catalog, source: SourceState, retryAfter: number) =>
  new ProblemError('catalog-unavailable', `${explainEmptyCatalog(catalog.freshness(source).reason)} Try again later.`, {
    headers: { 'retry-after': retryAfter }
  })

/** Returns the headers for the current second; undefined if there is no catalog. */
function toFreshnessHeaders(catalog: Catalog, source: SourceState): Record<string, string> | undefined {
  const { state, age, ttl, reason } = catalog.freshness(source)
  if (state === 'empty') return undefined
  const status = ['catalog; hit', ...(ttl === undefined ? [] : [`ttl=${ttl}`]), ...(reason ? [`detail=${reason}`] : [])]
  return { 'cache-status': status.join('; '), ...(age !== undefined && { age: String(age) }) }
}
