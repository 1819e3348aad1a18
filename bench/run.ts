/*
 * Measures costs and latencies of the service: npm run bench [-- --json] [SUITE...]. A cost is processor time per request, compared
 * with a plain node:http server that sends the same bytes and headers in the same run. Other work may run on the machine, so rounds
 * are interleaved and figures are medians. `--json` prints JSON. Names of suites, such as `transfers`, run only those.
 * `catalogSizes` runs only if it is named: it measures catalogs of 300,000 and 1,000,000 products, and takes about an hour.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { print } from './figures.js'
import { stopAll } from './processes.js'
import { sameUrl } from './suites/cached-responses.js'
import { catalogSizes } from './suites/catalog-sizes.js'
import { firstSync } from './suites/first-sync.js'
import { otherQueries } from './suites/new-queries.js'
import { signIns } from './suites/sign-ins.js'
import { transfers } from './suites/transfers.js'

const folder = mkdtempSync(join(tmpdir(), 'product-catalog-bench-'))
const databases = { small: join(folder, 'small.db'), large: join(folder, 'large.db') }

try {
  const usual = Object.entries({ sameUrl, firstSync, otherQueries, transfers, signIns })
  const selected = [...usual, ['catalogSizes', catalogSizes] as const].filter(([name]) => process.argv.includes(name))
  for (const [, run] of selected.length > 0 ? selected : usual) await run(databases)
  print()
} finally {
  stopAll()
  rmSync(folder, { recursive: true, force: true })
}
