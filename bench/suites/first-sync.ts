import { setTimeout as sleep } from 'node:timers/promises'
import { type Databases, LARGE } from '../databases.js'
import { add, median } from '../figures.js'
import { load, MAX_SECONDS, ROUNDS } from '../load.js'
import { signIn, startServer, startService, stop, waitUntilFresh } from '../processes.js'
import { takeRequestCount } from '../source-requests.js'

/** Measures the first sync of a large catalog, later starts with that catalog, and syncs without changes. */
export async function firstSync(databases: Databases): Promise<void> {
  const source = await startServer('source.js', String(LARGE))
  const cold = await startService(databases.large, source.url, {
    SAMPLE_CATALOG: 'true',
    NODE_OPTIONS: `--import=${new URL('../report-event-loop-delay.js', import.meta.url)}`
  })
  const headers = await signIn(cold)
  const before = performance.now()
  const reads = load(cold, '/products', headers, MAX_SECONDS, waitUntilFresh(cold))
  await waitUntilFresh(cold)
  const seconds = (performance.now() - before) / 1000
  const { latency, requests } = await reads
  if (requests.total < 10_000) {
    throw new Error(`The first sync needs at least 10000 reads meanwhile (got ${requests.total}).`)
  }
  const requestCount = await takeRequestCount(source)
  await stop(cold)

  add(`first sync of ${LARGE} products, while reads continue`, seconds, 's', { max: 60, aim: 15 })
  add('p99 of reads during the first sync', latency.p99, 'ms', { max: 100, aim: 25 })
  add(
    'longest block of the event loop during the first sync',
    Number(/longest block: ([\d.]+)/.exec(cold.output())?.[1]),
    'ms',
    { max: 50, aim: 50 }
  )
  add('complete reads of the source during the first sync', requestCount / (LARGE / 1000), '', { max: 1, aim: 1 })

  const starts: number[] = []
  for (let i = 1; i < ROUNDS; i++) {
    const warm = await startService(databases.large, source.url)
    starts.push(warm.startupMs)
    await stop(warm)
  }
  const warm = await startService(databases.large, source.url, { SYNC_INTERVAL: '1' })
  starts.push(warm.startupMs)
  add(`start until ready, ${LARGE} products`, median(starts) / 1000, 's', { max: 1, aim: 0.3 })
  await takeRequestCount(source)
  while ((await takeRequestCount(source)) === 0) await sleep(100)
  await sleep(5000)
  const { catalog } = (await (await fetch(warm.url)).json()) as { catalog: { revision: number } }
  await takeRequestCount(source)
  await sleep(5000)
  const after = (await (await fetch(warm.url)).json()) as { catalog: { revision: number } }
  add('changes by syncs of an unchanged source', after.catalog.revision - catalog.revision, '', { max: 0, aim: 0 })
  await stop(warm)
  await stop(source)
}
