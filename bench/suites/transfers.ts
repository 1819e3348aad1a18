import { createReadStream, createWriteStream } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Databases, LARGE } from '../databases.js'
import { add, progress } from '../figures.js'
import { load, MAX_SECONDS, SECONDS } from '../load.js'
import { memory, peakMemory, signIn, startServer, startService, stop } from '../processes.js'
import { queries } from '../queries.js'
import { waitForFirstSync } from '../source-requests.js'

/** Measures exports and imports of a large catalog, and the latency of reads meanwhile. */
export async function transfers(databases: Databases): Promise<void> {
  const source = await startServer('source.js', String(LARGE))
  const service = await startService(databases.large, source.url, { SYNC_INTERVAL: '86400' })
  const headers = await signIn(service)
  await waitForFirstSync(service, source)
  const paths = queries(1)
  await load(service, paths, headers, SECONDS)
  const quiet = (await load(service, paths, headers, 3 * SECONDS)).latency.p99
  progress(`p99 of reads without other work: ${quiet} ms; resident memory: ${memory(service)} MB`)

  const file = join(dirname(databases.large), 'products.ndjson')
  const changed = join(dirname(databases.large), 'changed.ndjson')
  const exportFile = async () => {
    const response = await fetch(`${service.url}/products/export`, { headers })
    await pipeline(Readable.fromWeb(response.body as never), createWriteStream(file))
  }
  const importFile = async (rows: string, counts: object) => {
    const response = await fetch(`${service.url}/products/import`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-ndjson' },
      body: createReadStream(rows),
      duplex: 'half'
    } as unknown as RequestInit)
    const report = (await response.json()) as Record<string, unknown>
    for (const [name, count] of Object.entries(counts)) {
      if (report[name] !== count)
        throw new Error(`The import must report ${name} = ${count} (got ${JSON.stringify(report)}).`)
    }
  }
  const measure = async (name: string, work: () => Promise<void>) => {
    const before = performance.now()
    const done = work()
    const reads = load(service, paths, headers, MAX_SECONDS, done)
    await done
    add(`${name}, while reads continue`, (performance.now() - before) / 1000, 's', { max: 120, aim: 30 })
    add(`p99 of reads during the ${name}, as a multiple of reads alone`, (await reads).latency.p99 / quiet, '×', {
      max: 3,
      aim: 2
    })
  }
  await measure(`export of ${LARGE} products`, exportFile)
  await measure(`import that changes none of ${LARGE} products`, () =>
    importFile(file, { unchanged: LARGE, refused: 0 })
  )
  const lines = createInterface({ input: createReadStream(file) })
  await pipeline(async function* () {
    for await (const line of lines) yield `${line.replace(/"stock":(\d+)/, '"stock":1$1')}\n`
  }, createWriteStream(changed))
  await measure(`import that changes each of ${LARGE} products`, () =>
    importFile(changed, { updated: LARGE, refused: 0 })
  )
  add('peak resident memory during exports and imports', peakMemory(service), 'MB', { max: 500, aim: 300 })
  for (const server of [service, source]) await stop(server)
}
