import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Negotiator from 'negotiator'
import {
  CHANGES_LIMIT_DEFAULT,
  ChangePage,
  ChangesQuery,
  HISTORY_LIMIT_DEFAULT,
  History,
  HistoryQuery,
  STREAMS_MAX
} from '../../../schemas/change.js'
import { Resuming } from '../../../schemas/headers.js'
import { ProductId } from '../../../schemas/product.js'
import { ok, problems, streamed } from '../../../schemas/responses.js'
import type { Catalog } from '../../catalog/catalog.js'
import type { ChangeFeed } from '../../changes/change-feed.js'
import type { CatalogVersion } from '../../products/catalog-version.js'
import type { ChangeStore } from '../../store/change-store.js'
import { ProblemError } from '../problems.js'
import { abortIfStalled } from '../stalled-streams.js'
import { addVary } from '../vary.js'

const JSON_TYPE = 'application/json'
const EVENTS = 'text/event-stream'
/** Milliseconds without a change after which a sign of life is sent. */
const HEARTBEAT = 15_000
/** Milliseconds that a reader may take to make room for more. */
const STALL = 30_000
/** Seconds after which an account that has all its streams may ask for one more. */
const RETRY_AFTER = 60

export const changeRoutes: FastifyPluginAsyncTypebox<{ feed: ChangeFeed }> = async (app, { feed }) => {
  /** What ends each of the streams, by the account that follows it. */
  const streams = new Map<AbortController, string>()
  app.addHook('preClose', async () => {
    for (const stream of streams.keys()) stream.abort()
  })

  app.get(
    '/changes',
    {
      schema: {
        operationId: 'listChanges',
        tags: ['catalog'],
        summary: 'What has changed',
        description:
          'The changes of the catalog in their order, without gaps: for whoever keeps a copy of it, an index or a cache. Ask again ' +
          'with the `revision` of the response as `after` and its `epoch` as `epoch`.\n\n' +
          'With `Accept: text/event-stream` the changes come as server-sent events as they happen, each with `EPOCH.REVISION` as the id, ' +
          'and a comment every 15 seconds when there are none. The stream may end at any time: when a token ends, when the service ' +
          'restarts, or when you do not keep up. Connect again with `Last-Event-ID`, as `EventSource` does by itself, and no change ' +
          'is missed. Each event is named `change`: listen for that name. Its `data` is one `Change` as JSON. ' +
          '`EventSource` sends no headers, so it needs the cookie, on a page of the same origin; elsewhere read the stream by `fetch`. ' +
          `An account may hold ${STREAMS_MAX} streams at a time.\n\n` +
          'To start, note the `revision` and the `epoch` of `GET /`, read all products, and follow the changes after that revision. ' +
          'If the database is restored from a backup, revisions are given again, and the catalog has another epoch. A request with ' +
          'the old epoch, and a stream that resumes with an old id, then gets 410: start over.',
        querystring: ChangesQuery,
        headers: Resuming,
        response: {
          200: streamed(ok(ChangePage, 'The changes.', 'Cache-Control', 'Vary'), EVENTS),
          ...problems(400, 401, 403, 410, 429, 500, 503)
        }
      }
    },
    async (request, reply) => {
      const { after, epoch, limit = CHANGES_LIMIT_DEFAULT } = request.query
      addVary(reply, 'Accept')
      reply.header('cache-control', 'no-store')
      const isStream = new Negotiator(request).mediaTypes([JSON_TYPE, EVENTS])[0] === EVENTS
      if (!isStream || request.method === 'HEAD') return await feed.page(after, limit, epoch)

      const last = (request.headers as { 'last-event-id'?: string })['last-event-id']
      const start = last === undefined ? { after, epoch } : { epoch, ...parseEventId(last) }
      // So that what is wrong is said as a problem, and not by a stream that ends.
      const page = await feed.page(start.after, 1, start.epoch)
      const from = { epoch: page.epoch, revision: (page.changes[0]?.revision ?? page.revision + 1) - 1 }
      const { sub, exp } = request.user
      const held = [...streams.values()].filter((account) => account === sub).length
      if (held >= STREAMS_MAX) {
        throw new ProblemError('too-many-requests', `An account may follow changes ${STREAMS_MAX} times at a time.`, {
          headers: { 'retry-after': RETRY_AFTER }
        })
      }
      const stream = new AbortController()
      streams.set(stream, sub)
      reply.raw.once('close', () => {
        streams.delete(stream)
        stream.abort()
      })
      const { signal } = stream
      const isAllowed = app.watchScope(request.user, 'catalog:read')
      const following = { isAllowed, epoch: from.epoch, heartbeatMs: HEARTBEAT, end: exp * 1000, signal }
      const events = abortIfStalled(toStream(feed.follow(from.revision, following), from), STALL, () =>
        reply.raw.destroy()
      )
      // Otherwise a service that stops would wait for what becomes of the connection after the stream.
      reply.type(EVENTS).header('connection', 'close')
      return Readable.from(events, { objectMode: false })
    }
  )
}

export const historyRoutes: FastifyPluginAsyncTypebox<{ catalog: Catalog; changes: ChangeStore }> = async (
  app,
  { catalog, changes }
) => {
  app.get(
    '/products/:id/history',
    {
      schema: {
        operationId: 'listProductHistory',
        tags: ['managing'],
        summary: 'Who changed what',
        description:
          'What became of a product, newest first: each change with the values before and after, and who made it, a sync included. ' +
          'It goes back as far as changes are kept, and tells of products too that are hidden or gone. 404 says that there is no such product, and nothing kept of one. ' +
          'A page ends early if its entries are very large: read on as long as there is a `next`.',
        params: ProductId,
        querystring: HistoryQuery,
        response: {
          200: ok(History, 'The changes.', 'Cache-Control'),
          ...problems(400, 401, 403, 404, 429, 500, 503)
        }
      }
    },
    async ({ params, query }, reply) => {
      const { limit = HISTORY_LIMIT_DEFAULT, before } = query
      const { history, hasMore } = await changes.history(params.id, before, limit)
      if (history.length === 0 && before === undefined && !(await catalog.product(params.id)).json) {
        throw new ProblemError('product-not-found', `Nothing is kept of a product ${params.id}.`)
      }
      reply.header('cache-control', 'no-store')
      return { history, ...(hasMore && { next: history.at(-1)?.revision as number }) }
    }
  )
}

/** Splits the id of an event into its epoch, if it has one, and its revision. */
function parseEventId(id: string): { after: number; epoch?: string } {
  const [revision, epoch] = id.split('.').reverse()
  return { after: Number(revision), ...(epoch !== undefined && { epoch }) }
}

/**
 * Begins a stream of server-sent events.
 * @param from Where the stream begins. Its id comes first, so that a stream that breaks before any change resumes there too.
 */
export async function* toStream(
  events: AsyncIterable<Buffer>,
  { epoch, revision }: CatalogVersion
): AsyncGenerator<string | Buffer> {
  yield `retry: 1000\nid: ${epoch}.${revision}\n\n`
  yield* events
}
