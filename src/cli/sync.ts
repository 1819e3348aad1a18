/* Syncs the catalog with its source once: `catalog sync --help`. */

import fastify from 'fastify'
import type { SyncDryRun } from '../../schemas/sync.js'
import { readConfig } from '../config.js'
import type { Database } from '../store/database.js'
import { ProductStore } from '../store/products.js'
import { SourceProductStore } from '../store/source-products.js'
import { SourceStateStore } from '../store/source-state.js'
import { SourceStore } from '../store/sources.js'
import { openSource } from '../sync/open-source.js'
import { Synchronizer, type SyncResult } from '../sync/synchronizer.js'
import { InputError, parseArguments, UsageError, withCatalog, withDatabase } from './command.js'

export const usage = `Usage: catalog sync [--accept-loss] [--dry-run]
       catalog sync --status

  --accept-loss   accepts the catalog of the source even if more products disappear than SYNC_MAX_LOSS allows,
                  and even if a new source sends only a part of its products
  --dry-run       reads the source and prints what a sync would create, change and remove, but writes nothing
  --status        does not sync; prints the source, the result of the last sync, and the edits of products of earlier
                  sources, which apply again if you return to such a source

The command syncs the database in DATABASE_URL with the source in SOURCE_URL. The service can keep running.
`

export async function run(args: string[]): Promise<void> {
  const { acceptLoss, dryRun, status } = readFlags(args)
  if (status) return await withDatabase(printStatus)
  const config = readConfig(process.env)
  const { sourceUrl } = config
  if (sourceUrl === undefined)
    throw new InputError(
      'SOURCE_URL is none, so there is no source to sync with. Set SOURCE_URL to the URL of a source.'
    )
  await withCatalog(async (database) => {
    const synchronizer = new Synchronizer({
      source: openSource(sourceUrl, config),
      sources: new SourceStore(database),
      currency: config.currency,
      products: new SourceProductStore(database, new ProductStore(database)),
      state: new SourceStateStore(database),
      log: fastify({ logger: { level: 'silent' } }).log,
      interval: config.syncInterval,
      maxLoss: config.syncMaxLoss,
      grace: config.syncGrace
    })
    try {
      if (dryRun) printDryRun(await synchronizer.tryRun({ acceptLoss }))
      else printResult(await synchronizer.run({ acceptLoss }))
    } finally {
      await synchronizer.stop()
    }
  })
}

function printResult(result: SyncResult): void {
  if ('failed' in result) throw new InputError(result.message)
  const { created, updated, deleted, quarantined, incomplete } = result
  process.stdout.write(
    `${incomplete === undefined ? 'In sync' : `Incomplete (${incomplete})`}: ${created} created, ${updated} updated, ${deleted} deleted; ${quarantined} in quarantine.\n`
  )
}

function printDryRun({ failure, incomplete, created, updated, deleted, changes, report }: SyncDryRun): void {
  if (!report) throw new InputError(failure as string)
  const lines = [
    ...(incomplete === undefined ? [] : [`Incomplete: ${incomplete}`]),
    `A sync would create ${created}, update ${updated} and delete ${deleted} products; ${report.quarantined} are in quarantine.`,
    ...changes.map(({ kind, productId, product, fields }) => {
      const name = product === undefined || product === String(productId) ? '' : ` (${product})`
      return `  ${kind} ${productId}${name}${fields.length > 0 ? `: ${fields.join(', ')}` : ''}`
    }),
    ...(created + updated + deleted > changes.length ? ['  …'] : [])
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  if (failure !== undefined) throw new InputError(failure)
}

async function printStatus(database: Database): Promise<void> {
  const sources = new SourceStore(database)
  const { source, lastSuccess, lastError, quarantined } = await new SourceStateStore(database).get()
  const lines = [
    `Source: ${source === undefined ? 'none yet' : await sources.name(source)}`,
    `Last successful sync: ${lastSuccess ?? 'none yet'}`,
    ...(lastError === undefined ? [] : [`The last sync failed: ${lastError}`]),
    `In quarantine: ${quarantined}`
  ]
  let heading: string | undefined
  for (const { source: name, externalId, id, fields, isHidden } of await sources.keptEdits(source)) {
    if (name !== heading) lines.push('', `Edits of ${name || 'an unnamed source of an earlier release'}:`)
    heading = name
    const edits = [...(isHidden ? ['deleted'] : []), ...(fields.length > 0 ? [`edited: ${fields.join(', ')}`] : [])]
    lines.push(`  ${externalId} (product ${id}): ${edits.join('; ')}`)
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

function readFlags(args: string[]): { acceptLoss: boolean; dryRun: boolean; status: boolean } {
  const { positionals, values } = parseArguments(args, {
    'accept-loss': { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    status: { type: 'boolean', default: false }
  })
  if (positionals.length > 0) throw new UsageError('Too many arguments.')
  const { 'accept-loss': acceptLoss, 'dry-run': dryRun, status } = values
  if (status && (acceptLoss || dryRun)) throw new UsageError('--status cannot be combined with other options.')
  return { acceptLoss, dryRun, status }
}
