import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import Negotiator from 'negotiator'
import { file, ok, problems } from '../../../schemas/responses.js'
import { File, INT32_MAX, Text } from '../../../schemas/scalars.js'
import type { ImportMode } from '../../../schemas/transfer.js'
import {
  CSV,
  ExportQuery,
  IMPORT_MAX,
  ImportFile,
  ImportQuery,
  ImportReport,
  NDJSON,
  OCTETS
} from '../../../schemas/transfer.js'
import { parseQuery } from '../../catalog/query.js'
import type { Transfers } from '../../transfer/transfers.js'
import { ProblemError } from '../problems.js'
import { BODY_CUT_OFF } from '../request-problems.js'
import { abortIfStalled } from '../stalled-streams.js'
import { addVary } from '../vary.js'

/** Milliseconds that a reader may take to make room for more. */
const STALL = 30_000
/** Milliseconds that an export may take: for so long the database keeps what has been replaced since, and others wait for its place. */
const EXPORT_TIME = 600_000

const exported = {
  [NDJSON]: File('One product in full on each line, as JSON.'),
  // Not `format: binary`: for binary text, openapi-python-client 0.29 generates code that does not run.
  [CSV]: Text('A header, and one product on each line, without its reviews (RFC 4180).', INT32_MAX)
}
/** The format of an import, by media type. A client that sends plain bytes does not have to name the format. */
const formats = { [OCTETS]: 'detected', [NDJSON]: 'ndjson', [CSV]: 'csv' } as const

export const exportRoutes: FastifyPluginAsyncTypebox<{ transfers: Transfers }> = async (app, { transfers }) => {
  app.get(
    '/products/export',
    {
      schema: {
        operationId: 'exportProducts',
        tags: ['catalog'],
        summary: 'All products as a file',
        description:
          'The products that satisfy all parameters, in full, as one stream, all as they are at one moment. `Accept` says in which ' +
          'format: NDJSON (`application/x-ndjson`), which is also sent where it names neither, or CSV (`text/csv`) for spreadsheets. In CSV, lists are joined by `|` with `\\` before a `|` ' +
          "in one of them, and texts that a spreadsheet would take for a formula have a `'` in front; imports take it off again.\n\n" +
          'A reader who takes nothing for 30 seconds is cut off, and so is one who is not done after ten minutes: the file is whole if the ' +
          'connection has ended well. Four exports are made at a time; others get 503 (`too-many-transfers`).',
        querystring: ExportQuery,
        response: {
          200: file('The products.', exported, 'Content-Disposition', 'Cache-Control', 'Cache-Status', 'Age', 'Vary'),
          ...problems(400, 401, 403, 429, 500, 503)
        }
      }
    },
    async (request, reply) => {
      const { limit, ...others } = request.query
      const query = { ...parseQuery(others, request.state.cursorKey), limit }
      const format = new Negotiator(request).mediaTypes([NDJSON, CSV])[0] === CSV ? 'csv' : 'ndjson'
      addVary(reply, 'Accept')
      reply
        .type(format === 'csv' ? `${CSV}; charset=utf-8` : NDJSON)
        .header('content-disposition', `attachment; filename="products.${format}"`)
        .header('cache-control', 'no-store')
      if (request.method === 'HEAD') return Readable.from([])
      const { text, close: end } = await transfers.export(query, format)
      const giveUp = () => reply.raw.destroy()
      const stream = Readable.from(abortIfStalled(text, STALL, giveUp), { objectMode: false })
      const timer = setTimeout(giveUp, EXPORT_TIME)
      // However it ends, and whether it has begun or not.
      stream.once('close', () => {
        clearTimeout(timer)
        end().catch((error) => request.log.error(error, 'an export did not end'))
      })
      return stream
    }
  )
}

export const importRoutes: FastifyPluginAsyncTypebox<{ transfers: Transfers }> = async (app, { transfers }) => {
  app.removeAllContentTypeParsers()
  // It is read as it comes, by the handler.
  app.addContentTypeParser(Object.keys(formats), (_request, _payload, done) => done(null, ''))

  app.post(
    '/products/import',
    {
      config: { isUpload: true },
      schema: {
        operationId: 'importProducts',
        tags: ['managing'],
        summary: 'Make and change products by a file',
        description:
          'Each row is a product: one that there is, by its `id` or else by its `sku`, gets the values of the row; others are made, with an `id` ' +
          'only where that is from 1,000,000,000 to 1,999,999,999. What ' +
          'a row does not have stays as it is, so that a file with the columns `sku` and `price` changes prices and nothing else. What ' +
          'a row says that is so already is no edit: to import what was exported changes nothing. Fields that nobody may write can be ' +
          'there, if they are what they are now: a row whose `updatedAt` is not says something of a product that has changed since.\n\n' +
          'The service recognizes from the beginning of the file whether it is NDJSON or CSV. You can also say so by the media type: ' +
          '`application/x-ndjson` or `text/csv`.\n\n' +
          'CSV has the columns of exports, in any order; leave out those that are not to change. An empty cell empties `description`, `brand`, ' +
          '`tags`, `images`, `warranty`, `shipping`, `returnPolicy` and `barcode`, and says nothing elsewhere.\n\n' +
          `A file may have ${IMPORT_MAX / 1_000_000} MB. It is written in one transaction when all of it is there. Other writers wait for that, for ten seconds at most; ` +
          'another import meanwhile gets 503 (`too-many-transfers`).',
        querystring: ImportQuery,
        body: Type.Unsafe<string>({
          content: Object.fromEntries(Object.keys(formats).map((mediaType) => [mediaType, { schema: ImportFile }]))
        }),
        response: {
          200: ok(ImportReport, 'What was done, or would be, with `dryRun`.'),
          ...problems(400, 401, 403, 413, 415, 422, 429, 500, 503)
        }
      }
    },
    async (request) => {
      const { mode = 'all-or-nothing' as ImportMode, dryRun = false } = request.query
      if (Number(request.headers['content-length'] ?? 0) > IMPORT_MAX) throw tooLarge()
      const format = formats[request.mediaType as keyof typeof formats]
      const writer = { by: 'account' as const, account: request.user.sub }
      // Where it is refused midway the rest is passed over, as the answer goes by the same connection.
      const upload = bounded(request.raw.iterator({ destroyOnReturn: false }))
      const report = await transfers
        .import(upload, format, { mode, dryRun }, writer)
        .finally(() => request.raw.resume())
      if (report.refused === 0 || mode === 'each') {
        const { refusals, ...counts } = report
        request.log.info(
          { account: request.user.sub, ...counts },
          dryRun ? 'import tried, nothing written' : 'import finished'
        )
        return report
      }
      const detail = `${report.refused} of ${report.rows} rows were refused; \`report\` lists them.`
      throw new ProblemError('import-refused', detail, { report })
    }
  )
}

/** @throws {ProblemError} if the body is too large, or ends before it is complete: nothing else can go wrong with it. */
async function* bounded(from: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let length = 0
  try {
    for await (const chunk of from) {
      length += chunk.length
      if (length > IMPORT_MAX) throw tooLarge()
      yield chunk
    }
  } catch (error) {
    throw error instanceof ProblemError ? error : new ProblemError('malformed-request', BODY_CUT_OFF)
  }
}

const tooLarge = () => new ProblemError('content-too-large', `A file may have ${IMPORT_MAX} bytes at most.`)
