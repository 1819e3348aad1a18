import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
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
  OCTETS,
  RSS,
  TSV
} from '../../../schemas/transfer.js'
import { isPublicQuery, parseQuery } from '../../catalog/query.js'
import { type Format, formats } from '../../transfer/export-formats.js'
import type { Transfers } from '../../transfer/transfers.js'
import { requireScope } from '../plugins/authentication.js'
import { ProblemError } from '../problems.js'
import { BODY_CUT_OFF } from '../request-problems.js'
import { abortIfStalled } from '../stalled-streams.js'
import { addVary } from '../vary.js'

/** Milliseconds until a client that does not read is disconnected. */
const STALL = 30_000
/**
 * Time limit of an export, in milliseconds. A running export makes the database keep replaced rows, and counts toward the limit of
 * concurrent exports.
 */
const EXPORT_TIME = 600_000

const exported = {
  [NDJSON]: File('NDJSON: one product per line, with all its fields.'),
  // Not `format: binary`: for binary text, openapi-python-client 0.29 generates code that does not run.
  [CSV]: Text('CSV (RFC 4180): a header and one product per row, without reviews.', INT32_MAX),
  [RSS]: Text('Merchant feed as RSS 2.0: one item per variant, or per product without variants.', INT32_MAX),
  [TSV]: Text('Merchant feed as TSV: a header and one item per row.', INT32_MAX)
}
const exportFormats = Object.keys(formats) as Format[]
/** The format of an import, by declared media type. For plain bytes, the service detects the format. */
const importFormats = { [OCTETS]: 'detected', [NDJSON]: 'ndjson', [CSV]: 'csv' } as const
/**
 * Other media types that clients send for these formats. The first three are those of a .csv file in browsers on Windows with Excel, in
 * older releases of `file`, and on Android.
 */
const aliases = {
  'application/vnd.ms-excel': 'csv',
  'application/csv': 'csv',
  'text/comma-separated-values': 'csv',
  'text/tab-separated-values': 'csv',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/x-jsonlines': 'ndjson'
} as const
const allFormats = { ...importFormats, ...aliases }

export const exportRoutes: FastifyPluginAsyncTypebox<{ transfers: Transfers }> = async (app, { transfers }) => {
  app.get(
    '/products/export',
    {
      schema: {
        operationId: 'exportProducts',
        tags: ['catalog'],
        summary: 'Export products',
        description:
          'Returns all products that match the search and all filters, as one file. The file shows the catalog at one point in time: it does not contain changes ' +
          'that are made during the export.\n\n' +
          '**Formats.** `Accept` selects NDJSON (`application/x-ndjson`, the default) or CSV (`text/csv`). NDJSON has all fields, CSV all except `reviews` and `onSale`. ' +
          'In CSV, `|` separates the items of a list; a `|` in an item is escaped as `\\|`. ' +
          "If a spreadsheet may change a text, for example because it looks like a formula, a number or a date, the service puts a `'` in front of it. Imports remove the `'`. " +
          'CSV starts with a byte order mark, so that Excel reads it as UTF-8.\n\n' +
          '**Merchant feeds.** `Accept` also selects a feed for Google Merchant Center, Meta, Bing and others: RSS 2.0 (`application/rss+xml`) or TSV (`text/tab-separated-values`). ' +
          'A feed has one item per variant, or per product without variants. Items of the same product share `item_group_id`. Drafts and archived products are left out. ' +
          'Feeds cannot be imported with `POST /products/import`, and have no `version`. Another instance of the service can read them as its source (`SOURCE_KIND=google`).\n\n' +
          '**Versions.** Each row of NDJSON and CSV also has a `version`. Imports use it to detect changes that were made after the export. You can also send it, in quotation marks, ' +
          'as `If-Match` to change the product.\n\n' +
          '**Limits.** The service closes the connection if the client reads nothing for 30 seconds or if the export takes longer than ten ' +
          'minutes. The file is complete only if the response ends without an error. ' +
          'At most four exports run at the same time. Further requests get 503 (`too-many-transfers`).',
        querystring: ExportQuery,
        response: {
          200: file(
            'Products that match the search and all filters.',
            exported,
            'Content-Disposition',
            'Cache-Control',
            'Cache-Status',
            'Age',
            'Vary'
          ),
          ...problems(400, 401, 403, 429, 500, 503)
        }
      }
    },
    async (request, reply) => {
      const { limit, ...others } = request.query
      const query = { ...parseQuery(others, request.state.cursorKey), limit }
      if (!isPublicQuery(query)) requireScope(request, 'catalog:write')
      const format = selectFormat(request)
      const { mediaType, isText, extensions } = formats[format]
      addVary(reply, 'Accept')
      reply
        .type(isText ? `${mediaType}; charset=utf-8` : mediaType)
        .header('content-disposition', `attachment; filename="products.${extensions[0]}"`)
        .header('cache-control', 'no-store')
      if (request.method === 'HEAD') return Readable.from([])
      const { text, close: end } = await transfers.export(query, format)
      const giveUp = () => reply.raw.destroy()
      const stream = Readable.from(abortIfStalled(text, STALL, giveUp), { objectMode: false })
      const timer = setTimeout(giveUp, EXPORT_TIME)
      // Runs whenever the stream ends, even if it never started.
      stream.once('close', () => {
        clearTimeout(timer)
        end().catch((error) => request.log.error(error, 'closing an export failed'))
      })
      return stream
    }
  )
}

/** Returns the format that `Accept` prefers; the first one if it permits none. */
function selectFormat(request: FastifyRequest): Format {
  const mediaTypes = exportFormats.map((format) => formats[format].mediaType)
  const [preferred = NDJSON] = new Negotiator(request).mediaTypes(mediaTypes)
  return exportFormats[mediaTypes.indexOf(preferred)] as Format
}

export const importRoutes: FastifyPluginAsyncTypebox<{ transfers: Transfers }> = async (app, { transfers }) => {
  app.removeAllContentTypeParsers()
  // The handler reads the body as a stream.
  app.addContentTypeParser(Object.keys(allFormats), (_request, _payload, done) => done(null, ''))

  app.post(
    '/products/import',
    {
      config: { isUpload: true, mediaTypeAliases: Object.keys(aliases) },
      schema: {
        operationId: 'importProducts',
        tags: ['managing'],
        summary: 'Import products',
        description:
          'Creates and updates products from a file with one product per row.\n\n' +
          '**Matching.** A row with an `id` updates the product with this `id`. A row without an `id` updates the product with the same `sku`. If no such product exists, ' +
          'the row creates one. A new product can have an `id` from 1,000,000,000 to 1,999,999,999; a row with any other unknown `id` is rejected. ' +
          'A row of a product that was deleted after the export is rejected; `force=true` creates a local product again. A row with the `id` of a hidden product, or of a product that its source no longer has, is always rejected.\n\n' +
          '**Updates.** Fields that a row leaves out stay unchanged: a file with `sku` and `price` changes only prices. Read-only fields are ' +
          'allowed if they have the value of the exported version or, without a `version`, their current value.\n\n' +
          '**Versions.** If a row has the `version` of an export, the service applies only the fields that differ from that version, so an unchanged export changes ' +
          'nothing. If one of these fields was also changed in the catalog after the export, the row is rejected. `force=true` applies all fields of the file instead. ' +
          'Without a `version`, all fields that differ from their current values are applied.\n\n' +
          '**Formats.** With the media type `application/octet-stream`, the service detects NDJSON or CSV from the start of the file. You can also send ' +
          '`application/x-ndjson` or `text/csv` to set the format. ' +
          'Other common media types of these formats, such as `application/vnd.ms-excel` for CSV, are also accepted. ' +
          'A CSV file can have any columns of an export, in any order, but needs `id` or `sku`. ' +
          'The separator is a comma, a semicolon or a tab, and numbers have a decimal point or a decimal comma. ' +
          "A blank cell leaves the field unchanged. A cell with only a `'` empties a text or a list, or removes an optional number. " +
          'Values that a spreadsheet has visibly damaged, such as `2.53017E+12` in `barcode`, are rejected.\n\n' +
          `**Limits.** The maximum size of a file is ${IMPORT_MAX / 1_000_000} MB. The service receives the complete file and then writes it in one transaction. During the ` +
          'transaction, other writes wait. A write that waits longer than ten seconds can get 503 (`database-busy`). During the whole import, other ' +
          'imports get 503 (`too-many-transfers`).',
        querystring: ImportQuery,
        body: Type.Unsafe<string>({
          content: Object.fromEntries(
            Object.keys(importFormats).map((mediaType) => [mediaType, { schema: ImportFile }])
          )
        }),
        response: {
          200: ok(ImportReport, 'Report of the import, or of the dry run.'),
          ...problems(400, 401, 403, 413, 415, 422, 429, 500, 503)
        }
      }
    },
    async (request) => {
      const { mode = 'all-or-nothing' as ImportMode, dryRun = false, force = false } = request.query
      if (Number(request.headers['content-length'] ?? 0) > IMPORT_MAX) throw tooLarge()
      const format = allFormats[request.mediaType as keyof typeof allFormats]
      const writer = { by: 'account' as const, account: request.user.sub }
      // If the import fails midway, the rest of the body is discarded, because the response uses the same connection.
      const upload = bounded(request.raw.iterator({ destroyOnReturn: false }))
      const report = await transfers
        .import(upload, format, { mode, dryRun, force }, writer)
        .finally(() => request.raw.resume())
      if (report.refused === 0 || mode === 'each') {
        const { refusals, ...counts } = report
        request.log.info(
          { account: request.user.sub, ...counts },
          dryRun ? 'import tried, nothing written' : 'import finished'
        )
        return report
      }
      const detail = `${report.refused} of ${report.rows} rows are invalid; \`report\` lists them.`
      throw new ProblemError('import-refused', detail, { report })
    }
  )
}

/** @throws {ProblemError} if the body is too large or ends too early. No other error can occur while reading it. */
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

const tooLarge = () => new ProblemError('content-too-large', `A file can have at most ${IMPORT_MAX} bytes.`)
