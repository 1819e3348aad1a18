import { setTimeout as sleep } from 'node:timers/promises'
import type { Databases } from '../databases.js'
import { add, median } from '../figures.js'
import { interleave, load, SECONDS } from '../load.js'
import { signIn, startServer, startService, stop, waitUntilFresh } from '../processes.js'
import { queries } from '../queries.js'

/** Sign-ins per second of the flood: many times as many as one core can check. */
const FLOOD_RATE = 200

/** Measures the latency of reads during a flood of failing sign-ins. */
export async function signIns(databases: Databases): Promise<void> {
  const source = await startServer('source.js', '200')
  const service = await startService(databases.small, source.url, { SYNC_INTERVAL: '86400' })
  const headers = await signIn(service)
  await waitUntilFresh(service)
  const paths = queries(1)
  const read = async () => (await load(service, paths, headers, SECONDS)).latency.p99
  const p99 = await interleave(
    {
      quiet: read,
      flooded: async () => {
        const flood = await startServer('flood.js', service.url, String(FLOOD_RATE))
        // Gives the flood time to fill the queue of sign-ins.
        await sleep(1000)
        const value = await read()
        await stop(flood)
        const statuses = JSON.parse(flood.output().trim().split('\n').at(-1) as string) as Record<string, number>
        const unexpected = Object.keys(statuses).filter((status) => !['401', '503'].includes(status))
        if (unexpected.length > 0 || !statuses[401] || !statuses[503]) {
          throw new Error(`The flood must get 401 and 503 only (got ${JSON.stringify(statuses)}).`)
        }
        return value
      }
    },
    'ms'
  )
  add(
    `p99 of reads during ${FLOOD_RATE} sign-ins per second, as a multiple of reads alone`,
    median(p99.flooded) / median(p99.quiet),
    '×',
    { max: 3, aim: 2 }
  )
  for (const server of [service, source]) await stop(server)
}
