/* Syncs the catalog with its source once: `catalog sync --help`. */

import fastify from 'fastify'
import { readConfig } from '../config.js'
import type { Database } from '../store/database.js'
import { ProductStore } from '../store/products.js'
import { SourceStateStore } from '../store/source-state.js'
import { SourceStore } from '../store/sources.js'
import { DummyJsonSource } from '../sync/sources/dummyjson.js'
import { Synchronizer } from '../sync/synchronizer.js'
import { InputError, parseArguments, UsageError, withCatalog, withDatabase } from './command.js'

export const usage = `Usage: catalog sync [--accept-loss | --status]

  --accept-loss   takes the catalog of the source though it takes away more of ours than SYNC_MAX_LOSS allows
  --status        syncs nothing, and prints which source is served, how its last sync ended, and the edits that are
                  kept of products of other sources: they apply again when that source is served again

The source is that in SOURCE_URL, the catalog that in DATABASE_URL. The service may go on running.
`

export async function run(args: string[]): Promise<void> {
  const { acceptLoss, status } = readFlags(args)
  if (status) return await withDatabase(printStatus)
  const config = readConfig(process.env)
  const { sourceUrl } = config
  if (sourceUrl === undefined) throw new InputError('SOURCE_URL is none: there is no source to sync with.')
  const result = await withCatalog(async (database) => {
    const synchronizer = new Synchronizer({
      source: new DummyJsonSource(sourceUrl, { page: config.sourceTimeout * 1000 }),
      sources: new SourceStore(database),
      products: new ProductStore(database),
      state: new SourceStateStore(database),
      log: fastify({ logger: { level: 'silent' } }).log,
      interval: config.syncInterval,
      maxLoss: config.syncMaxLoss,
      sample: false
    })
    try {
      return await synchronizer.run({ acceptLoss })
    } finally {
      await synchronizer.stop()
    }
  })
  if ('failed' in result) throw new InputError(result.message)
  const { created, updated, deleted, quarantined } = result
  process.stdout.write(
    `In sync: ${created} created, ${updated} updated, ${deleted} deleted; ${quarantined} in quarantine.\n`
  )
}

async function printStatus(database: Database): Promise<void> {
  const sources = new SourceStore(database)
  const { source, lastSuccess, lastError, quarantined } = await new SourceStateStore(database).get()
  const lines = [
    `Source: ${source === undefined ? 'none yet' : await sources.name(source)}`,
    `Last successful sync: ${lastSuccess ?? 'none yet'}`,
    ...(lastError === undefined ? [] : [`The newest sync failed: ${lastError}`]),
    `In quarantine: ${quarantined}`
  ]
  let last: string | undefined
  for (const { source: name, externalId, id, fields, isHidden } of await sources.keptEdits(source)) {
    if (name !== last)
      lines.push('', `Edits that are kept for ${name || 'a source that was read before sources were told apart'}:`)
    last = name
    const edits = [...(isHidden ? ['deleted'] : []), ...(fields.length > 0 ? [`edited: ${fields.join(', ')}`] : [])]
    lines.push(`  ${externalId} (product ${id}): ${edits.join('; ')}`)
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

function readFlags(args: string[]): { acceptLoss: boolean; status: boolean } {
  const { positionals, values } = parseArguments(args, {
    'accept-loss': { type: 'boolean', default: false },
    status: { type: 'boolean', default: false }
  })
  if (positionals.length > 0) throw new UsageError('There are too many arguments.')
  const { 'accept-loss': acceptLoss, status } = values
  if (acceptLoss && status) throw new UsageError('--accept-loss and --status exclude each other.')
  return { acceptLoss, status }
}
