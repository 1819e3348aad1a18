import { type Databases, LARGE } from '../databases.js'
import { add, addCosts, median } from '../figures.js'
import { CONNECTIONS, cost, interleave, load, SECONDS } from '../load.js'
import { memory, type Server, signIn, startServer, startService, stop, waitUntilFresh } from '../processes.js'
import { queries, wideQueries } from '../queries.js'
import { waitForFirstSync } from '../source-requests.js'

/** Seconds of load before the measurement. */
const WARM_UP_SECONDS = 15
/** Recorded responses that the plain server sends in turn. */
const RECORDED = 500

/** Measures the cost of responses that are not in the cache, in a small and in a large catalog. */
export async function otherQueries(databases: Databases): Promise<void> {
  const source = await startServer('source.js', '200')
  const largeSource = await startServer('source.js', String(LARGE))
  const service = await startService(databases.small, source.url, { SYNC_INTERVAL: '86400' })
  const large = await startService(databases.large, largeSource.url, { SYNC_INTERVAL: '86400' })
  const headers = await signIn(service)
  const largeHeaders = await signIn(large)
  await waitUntilFresh(service)
  await waitForFirstSync(large, largeSource)
  const paths = wideQueries(1)
  const largePaths = queries(1)
  const plain = await startRecorded(service, paths, headers)
  const largePlain = await startRecorded(large, largePaths, largeHeaders)
  const latencies: number[] = []
  // The warm-up round is too short: it takes many queries until the service has looked up each word once.
  await load(service, paths, headers, WARM_UP_SECONDS)
  await load(large, largePaths, largeHeaders, WARM_UP_SECONDS)

  const costs = await interleave(
    {
      plain: () => cost(plain, '/products', headers),
      service: () => cost(service, paths, headers),
      largePlain: () => cost(largePlain, '/products', largeHeaders),
      large: async () => {
        const { latency, cost } = await load(large, largePaths, largeHeaders, SECONDS)
        latencies.push(latency.p99)
        return cost
      }
    },
    'µs'
  )

  addCosts('a different query each time, 200 products', costs.service, costs.plain, { min: 0.15, aim: 0.3 })
  addCosts(`a different query each time, ${LARGE} products`, costs.large, costs.largePlain, { min: 0.08, aim: 0.22 })
  add(`p99 of different queries, ${LARGE} products, ${CONNECTIONS} connections`, median(latencies), 'ms', {
    max: 100,
    aim: 25
  })
  add(`resident memory after these queries, ${LARGE} products`, memory(large), 'MB', { max: 250, aim: 150 })
  for (const server of [service, large, plain, largePlain, source, largeSource]) await stop(server)
}

/** Starts a plain server with the responses of the service to the next paths. */
async function startRecorded(
  service: Server,
  paths: Iterator<string>,
  headers: Record<string, string>
): Promise<Server> {
  const urls = Array.from({ length: RECORDED }, () => `${service.url}${paths.next().value}`)
  return await startServer('plain.js', JSON.stringify(headers), ...urls)
}
