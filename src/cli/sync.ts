/* Syncs the catalog with its source once: `npm run sync -- help`. */

import { parseArgs } from 'node:util'
import fastify from 'fastify'
import { readConfig } from '../config.js'
import { ProductStore } from '../store/products.js'
import { SourceStateStore } from '../store/source-state.js'
import { DummyJsonSource } from '../sync/dummyjson.js'
import { Synchronizer } from '../sync/synchronizer.js'
import { InputError, runCommand, withDatabase } from './input.js'

const USAGE = `Usage: npm run sync -- [--accept-loss]

  --accept-loss   takes the catalog of the source though it takes away more of ours than SYNC_MAX_LOSS allows

The source is that in SOURCE_URL, the catalog that in DATABASE_URL. The service may go on running.
`

await runCommand(async (args) => {
  const acceptLoss = readFlag(args)
  const config = readConfig(process.env)
  const result = await withDatabase(async (database) => {
    const synchronizer = new Synchronizer({
      source: new DummyJsonSource(config.sourceUrl, { page: config.sourceTimeout * 1000 }),
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
})

function readFlag(args: string[]): boolean {
  try {
    const { values } = parseArgs({ args, options: { 'accept-loss': { type: 'boolean' } } })
    return values['accept-loss'] ?? false
  } catch {
    throw new InputError(USAGE)
  }
}
