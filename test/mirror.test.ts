/* Each source file has a test at the same path: `test/store/tokens.test.ts` for `src/store/tokens.ts`. Exceptions are listed here. */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'

/** The files without a test at their path, by the reason: the test that covers them instead, or why they need none. */
const exceptions: Record<string, readonly string[]> = {
  'a type guard of one line': ['src/support/is-object.ts'],
  'types only': [
    'src/products/catalog-version.ts',
    'src/products/index-entry.ts',
    'src/products/query.ts',
    'src/store/tables.ts',
    'src/sync/sources/source-kind.ts'
  ],
  'test/app.test.ts': ['src/http/fastify.ts', 'src/http/pipeline.ts', 'src/services.ts'],
  'test/attacks/http.test.ts': [
    'src/http/client-errors.ts',
    'src/http/plugins/ambiguous-requests.ts',
    'src/http/timeouts.ts'
  ],
  'test/attacks/json.test.ts': ['src/http/plugins/request-bodies.ts'],
  'test/auth/accounts.test.ts': ['src/auth/device-cookies.ts'],
  'test/auth/signing-keys.test.ts': ['src/store/state-cache.ts', 'src/store/tokens.ts'],
  'test/catalog/index/column.test.ts': [
    'src/catalog/index/bitmap.ts',
    'src/catalog/index/condition.ts',
    'src/catalog/index/list-column.ts',
    'src/catalog/index/postings.ts'
  ],
  'test/catalog/index/product-index.test.ts': [
    'src/catalog/index/matches.ts',
    'src/catalog/index/product-index-builder.ts',
    'src/catalog/index/sorted-rows.ts',
    'src/products/indexed-values.ts'
  ],
  'test/catalog/listings.test.ts': ['src/catalog/product-memory.ts', 'src/store/search.ts'],
  'test/catalog/query.test.ts': [
    'src/catalog/catalog.ts',
    'src/catalog/page-links.ts',
    'src/store/sqlite/full-text.ts'
  ],
  'test/cli/catalog.test.ts': ['src/cli/command.ts'],
  'test/cli/transfer.test.ts': [
    'src/cli/export.ts',
    'src/cli/file-arguments.ts',
    'src/cli/import.ts',
    'src/cli/progress.ts'
  ],
  'test/config.test.ts': ['schemas/config.ts', 'src/support/line-end.ts', 'src/support/validation.ts'],
  'test/deep/queries.test.ts': ['src/catalog/index/facets.ts'],
  'test/http/document.test.ts': [
    'schemas/auth.ts',
    'schemas/category.ts',
    'schemas/change.ts',
    'schemas/headers.ts',
    'schemas/input-text.ts',
    'schemas/index.ts',
    'schemas/listing.ts',
    'schemas/parameters.ts',
    'schemas/product-input.ts',
    'schemas/product.ts',
    'schemas/ref.ts',
    'schemas/responses.ts',
    'schemas/scalars.ts',
    'schemas/service.ts',
    'schemas/sync.ts',
    'schemas/transfer.ts',
    'schemas/variant-input.ts',
    'schemas/variant.ts',
    'src/version.ts'
  ],
  'test/http/access.test.ts': ['src/http/challenge.ts', 'src/http/same-origin.ts'],
  'test/http/domain-problems.test.ts': [
    'src/auth/errors.ts',
    'src/catalog/errors.ts',
    'src/changes/errors.ts',
    'src/editing/errors.ts',
    'src/support/domain-error.ts',
    'src/transfer/errors.ts'
  ],
  'test/http/plugins/authentication.test.ts': ['src/http/cookies.ts', 'src/http/plugins/catalog-state.ts'],
  'test/http/plugins/response-cache.test.ts': ['src/http/content-coding.ts', 'src/http/vary.ts'],
  'test/http/problems.test.ts': [
    'schemas/problem-responses.ts',
    'schemas/problem.ts',
    'src/http/database-problems.ts',
    'src/http/error-handler.ts',
    'src/http/plugins/query-encoding.ts',
    'src/http/request-path.ts',
    'src/http/request-problems.ts',
    'src/http/unknown-routes.ts'
  ],
  'test/http/routes/auth.test.ts': ['src/http/plugins/ignored-bodies.ts'],
  'test/http/routes/categories.test.ts': ['src/editing/category-editor.ts'],
  'test/http/routes/changes.test.ts': [
    'src/changes/change-feed.ts',
    'src/http/stalled-streams.ts',
    'src/store/change-store.ts'
  ],
  'test/http/routes/editing.test.ts': [
    'src/editing/editor.ts',
    'src/http/normalized-bodies.ts',
    'src/products/edits.ts',
    'src/products/overlay.ts',
    'src/products/stored-product.ts',
    'src/store/idempotency.ts',
    'src/store/products.ts',
    'src/store/product-writer.ts'
  ],
  'test/http/routes/transfer.test.ts': [
    'src/store/sqlite/thread-reader.ts',
    'src/transfer/exporter.ts',
    'src/transfer/formats.ts',
    'src/transfer/rows.ts',
    'src/transfer/transfers.ts'
  ],
  'test/changes/sale-schedule.test.ts': ['src/products/errors.ts', 'src/store/sales.ts'],
  'test/products/rendering.test.ts': ['src/store/full-text.ts', 'src/store/search-rows.ts'],
  'test/server.test.ts': ['src/auth/initial-password.ts'],
  'test/store/concurrent-writers.test.ts': ['src/store/sqlite/writer.ts'],
  'test/store/error-explanation.test.ts': ['src/store/errors.ts'],
  'test/store/instance.test.ts': ['src/store/postgres/marker.ts', 'src/store/sqlite/marker.ts'],
  'test/store/migrate.test.ts': [
    'src/store/migrations/0001-first.ts',
    'src/store/migrations/0002-query.ts',
    'src/store/migrations/0003-facts.ts',
    'src/store/migrations/0004-edits.ts',
    'src/store/migrations/0005-retired-keys.ts',
    'src/store/migrations/0006-instance.ts',
    'src/store/migrations/0007-sign-in-failures.ts',
    'src/store/migrations/0008-sources.ts',
    'src/store/migrations/0009-auth-changes.ts',
    'src/store/migrations/0010-rendering.ts',
    'src/store/migrations/0011-words.ts',
    'src/store/migrations/0012-sales-and-drafts.ts',
    'src/store/migrations/0013-categories.ts',
    'src/store/migrations/0014-unusable-since.ts',
    'src/store/migrations/0015-category-positions.ts',
    'src/store/migrations/list.ts',
    'src/store/migrations/untyped.ts'
  ],
  'test/store/postgres/outage.test.ts': ['src/store/postgres/change-listener.ts', 'src/store/postgres/drivers.ts'],
  'test/store/restore.test.ts': ['src/cli/restored.ts'],
  'test/store/sqlite/database.test.ts': ['src/store/sqlite/connection.ts', 'src/store/sqlite/thread.ts'],
  'test/store/unchanged-writes.test.ts': ['src/store/change-log.ts'],
  'test/sync/mapping-worker.test.ts': ['src/sync/mapping-thread.ts'],
  'test/sync/sample.test.ts': ['src/sync/prepare-catalog.ts'],
  'test/sync/source-failures.test.ts': [
    'src/catalog/freshness.ts',
    'src/http/plugins/freshness.ts',
    'src/store/source-state.ts'
  ],
  'test/sync/sources/mapped/expressions.test.ts': ['src/sync/sources/mapped/mapping-fields.ts'],
  'test/sync/sources/mapped/file-mapping.test.ts': ['src/sync/sources/mapped/field-values.ts'],
  'test/sync/sources/mapped/json.test.ts': ['src/sync/sources/mapped/mapped-kind.ts'],
  'test/sync/sources/mapped/mapping-file.test.ts': ['schemas/source-mapping.ts', 'schemas/source-paging.ts'],
  'test/sync/sources/mapped/ndjson.test.ts': ['src/sync/sources/ndjson-body.ts', 'src/sync/sources/record-size.ts'],
  'test/sync/sync-plan.test.ts': ['src/store/planned-changes.ts', 'src/store/unusable-products.ts'],
  'test/sync/synchronizer.test.ts': ['src/sync/source-sync.ts', 'src/sync/sync-log.ts'],
  'test/sync/sources/catalog/catalog-failures.test.ts': ['src/sync/sources/catalog/catalog-responses.ts'],
  'test/sync/source-follower.test.ts': ['src/sync/source-stream.ts'],
  'test/sync/sources/dummyjson/dummyjson-mapping.test.ts': ['src/sync/sources/mapped-product.ts'],
  'test/sync/sources/dummyjson/dummyjson.test.ts': ['schemas/source.ts'],
  'test/sync/sources/google/google-mapping.test.ts': ['src/sync/sources/google/feed-offers.ts'],
  'test/sync/sources/source-record.test.ts': ['src/sync/sources/source-time.ts', 'src/sync/sources/source-values.ts'],
  'test/sync/sources/woocommerce/woocommerce-mapping.test.ts': ['src/sync/sources/woocommerce/woocommerce-terms.ts'],
  'test/sync/source-reader.test.ts': [
    'src/sync/source-limits.ts',
    'src/sync/open-source.ts',
    'src/sync/retries.ts',
    'src/sync/source-client.ts',
    'src/sync/source-error.ts',
    'src/sync/sources/kinds.ts'
  ],
  'test/transfer/csv-reader.test.ts': [
    'src/transfer/csv-cells.ts',
    'src/transfer/csv-columns.ts',
    'src/support/csv-dialect.ts',
    'src/support/peek.ts'
  ],
  'test/transfer/importer.test.ts': ['src/transfer/row-changes.ts'],
  'test/transfer/merchant-feeds.test.ts': [
    'src/transfer/export-formats.ts',
    'src/transfer/merchant-rss.ts',
    'src/transfer/merchant-tsv.ts'
  ],
  'test/transfer/merchant-items.test.ts': ['src/products/merchant-feed.ts']
}

const listed = Object.values(exceptions).flat()
const files = [...(await listFiles('schemas')), ...(await listFiles('src'))]

t.test('each source file has a test at the same path, or is listed with the reason', async (t) => {
  t.strictSame(
    files.filter((file) => !existsSync(toTest(file)) && !listed.includes(file)),
    []
  )
})

t.test('the list of exceptions is up to date', async (t) => {
  t.strictSame(
    listed.filter((file) => !files.includes(file) || existsSync(toTest(file))),
    [],
    'each file exists, and has no test at its path'
  )
  t.strictSame(
    listed.filter((file, i) => listed.indexOf(file) !== i),
    [],
    'no file is listed twice'
  )
  t.strictSame(
    Object.keys(exceptions).filter((reason) => reason.startsWith('test/') && !existsSync(reason)),
    [],
    'each test exists'
  )
})

/** Returns the path of the test of a source file. */
function toTest(file: string): string {
  return join('test', file.replace(/^src\//, '').replace(/\.ts$/, '.test.ts'))
}

/** Returns the paths of the TypeScript files in a folder. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true })
  return entries.filter((entry) => entry.endsWith('.ts')).map((entry) => join(folder, entry))
}
