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
/** Milliseconds without a change until the stream sends a heartbeat. */
const HEARTBEAT = 15_000
/** Milliseconds until a client that does not read is disconnected. */
const STALL = 30_000
/** `Retry-After` for an account that has reached its limit of streams, in seconds. */
const RETRY_AFTER = 60

export const changeRoutes: FastifyPluginAsyncTypebox<{ feed: ChangeFeed }> = async (app, { feed }) => {
  /** Abort controllers of the open streams, with the account of each. */
  const streams = new Map<AbortController, string>()
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
    for (const stream of streams.keys()) stream.abort()
  })

  app.get(
    '/changes',
    {
      schema: {
        operationId: 'listChanges',
        tags: ['catalog'],
        summary: 'List changes',
        description:
          'Returns all changes to the products that readers see, in order. Use it to keep a copy, a search index or a cache up to date. ' +
          'To notice changes to categories, repeat `GET /categories` with its `ETag` as `If-None-Match`.\n\n' +
          '**Start.** Note the `revision` and `epoch` that `GET /` returns, read all products, and then request the changes after that revision.\n\n' +
          '**Pages.** Send the `revision` and `epoch` of each response as `after` and `epoch` of the next request.\n\n' +
          '**Stream.** With `Accept: text/event-stream`, the service sends each change as a server-sent event when it happens. ' +
          'The event is named `change`, its ID is `EPOCH.REVISION`, and its data is a `Change` as JSON. Every 15 seconds without a change, ' +
          'the service sends a comment. After changes that the feed leaves out, such as those of categories and drafts, it can send an event with only an ID. ' +
          'The stream ends if the token expires or is revoked, the service restarts, or the client reads too slowly. Reconnect with `Last-Event-ID` ' +
          'or `lastEventId` to continue without gaps; `EventSource` and its polyfills do so automatically. `EventSource` cannot send an `Authorization` header, so it needs the ' +
          'cookie, which browsers do not send from pages on other sites. On these pages, use `fetch` with the header. ' +
          `Each account can have ${STREAMS_MAX} open streams.\n\n` +
          '**Restored database.** If the operator restores a backup, the catalog gets a new epoch and assigns some revision numbers again. ' +
          'Requests with the old epoch get 410, and so do streams that resume from an old event ID. In this case, start over.',
        querystring: ChangesQuery,
        headers: Resuming,
        response: {
          200: streamed(ok(ChangePage, 'A page of changes, or a stream of them.', 'Cache-Control', 'Vary'), EVENTS),
          ...problems(400, 401, 403, 410, 429, 500, 503)
        }
      }
    },
    async (request, reply) => {
      const { after, epoch, limit = CHANGES_LIMIT_DEFAULT, lastEventId } = request.query
      addVary(reply, 'Accept')
      reply.header('cache-control', 'no-store')
      const isStream = new Negotiator(request).mediaTypes([JSON_TYPE, EVENTS])[0] === EVENTS
      if (!isStream || request.method === 'HEAD') return await feed.page(after, limit, epoch)

      // A client that reconnects by itself sends the header with the URL of its first connection, so the header is newer.
      const last = (request.headers as { 'last-event-id'?: string })['last-event-id'] ?? lastEventId
      const start = last === undefined ? { after, epoch } : { epoch, ...parseEventId(last) }
      // Reads a page first, so that errors become a problem instead of a stream that ends.
      const page = await feed.page(start.after, 1, start.epoch)
      const from = { epoch: page.epoch, revision: (page.changes[0]?.revision ?? page.revision + 1) - 1 }
      const { sub, exp } = request.user
      const held = [...streams.values()].filter((account) => account === sub).length
      if (held >= STREAMS_MAX) {
        throw new ProblemError(
          'too-many-requests',
          `The account has ${STREAMS_MAX} open streams, which is the maximum. Close one to open another.`,
          {
            headers: { 'retry-after': RETRY_AFTER }
          }
        )
      }
      const stream = new AbortController()
      streams.set(stream, sub)
      // A request that arrived just before would otherwise delay the shutdown until its token expires.
      if (isClosing) stream.abort()
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
      // A kept-alive connection would delay the shutdown of the service.
      reply.type(EVENTS).header('connection', 'close')
      // Proxies would hold events back to fill a buffer or a compressed block.
      reply.header('x-accel-buffering', 'no').header('cache-control', 'no-store, no-transform')
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
        summary: 'List the changes to a product',
        description:
          'Returns the changes to a product, newest first. Each entry has the author of the change and the values before and after it. ' +
          'Changes by syncs are included. The history also covers hidden and deleted products, as far back as the service keeps changes. ' +
          'The response is 404 if the product does not exist and the service keeps no changes to it.\n\n' +
          'A page can have fewer than `limit` entries if they are very large. Follow `next` until it is absent.',
        params: ProductId,
        querystring: HistoryQuery,
        response: {
          200: ok(History, 'A page of changes.', 'Cache-Control'),
          ...problems(400, 401, 403, 404, 429, 500, 503)
        }
      }
    },
    async ({ params, query }, reply) => {
      const { limit = HISTORY_LIMIT_DEFAULT, before } = query
      const { history, hasMore } = await changes.history(params.id, before, limit)
      if (history.length === 0 && before === undefined && !(await catalog.product(params.id)).json) {
        throw new ProblemError(
          'product-not-found',
          `There is no product ${params.id}, and the service keeps no changes to it.`
        )
      }
      reply.header('cache-control', 'no-store')
      return { history, ...(hasMore && { next: history.at(-1)?.revision as number }) }
    }
  )
}

/** Splits the ID of an event into its revision and, if present, its epoch. */
function parseEventId(id: string): { after: number; epoch?: string } {
  const [revision, epoch] = id.split('.').reverse()
  return { after: Number(revision), ...(epoch !== undefined && { epoch }) }
}

/**
 * Starts a stream of server-sent events.
 * @param from Start of the stream. The stream sends its ID first, so that clients can resume even before the first change.
 */
export async function* toStream(
  events: AsyncIterable<Buffer>,
  { epoch, revision }: CatalogVersion
): AsyncGenerator<string | Buffer> {
  yield `retry: 1000\nid: ${epoch}.${revision}\n\n`
  yield* events
}
