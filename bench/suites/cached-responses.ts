import type { Databases } from '../databases.js'
import { add, addCosts, median, progress } from '../figures.js'
import { cost, interleave } from '../load.js'
import { type Server, signIn, startServer, startService, stop, waitUntilFresh } from '../processes.js'

/** Starts of the servers, and rounds after each start. */
const STARTS = 5
const ROUNDS_PER_START = 2

/**
 * Measures the cost of cached responses. Starts the servers several times: depending on what the compiler optimizes, the costs of
 * two starts differ by up to a fifth.
 */
export async function sameUrl(databases: Databases): Promise<void> {
  const source = await startServer('source.js', '200')
  const proxy = await startServer('proxy.js', source.url)
  const starts: Awaited<ReturnType<typeof costsOfOneStart>>[] = []
  for (let start = 1; start <= STARTS; start++) {
    progress(`start ${start} of ${STARTS}`)
    starts.push(await costsOfOneStart(databases.small, source, proxy))
  }
  for (const server of [proxy, source]) await stop(server)

  const all = (name: keyof (typeof starts)[number]) => starts.flatMap((costs) => costs[name])
  addCosts('same URL again', all('service'), all('plain'), { min: 0.4, aim: 0.75 })
  addCosts('same URL again, 304', all('service304'), all('plain304'), { min: 0.4, aim: 0.75 })
  add(
    'cost of a proxy to the source, as a multiple of "same URL again"',
    median(all('proxy')) / median(all('service')),
    '×',
    { min: 8, aim: 8 }
  )
}

/** Starts the servers, and returns the costs in microseconds, by server and round. */
async function costsOfOneStart(database: string, source: Server, proxy: Server) {
  const service = await startService(database, source.url, { SYNC_INTERVAL: '86400' })
  await waitUntilFresh(service)
  const headers = await signIn(service)
  const path = '/products'
  const url = `${service.url}${path}`
  const identity = { ...headers, 'accept-encoding': 'identity' }
  const tag = (await fetch(url, { headers: identity })).headers.get('etag')
  const conditional = { ...headers, 'if-none-match': tag as string }
  const plain = await startServer('plain.js', JSON.stringify(headers), url)
  const plain304 = await startServer('plain.js', JSON.stringify(conditional), url)
  const costs = await interleave(
    {
      plain: () => cost(plain, path, headers),
      service: () => cost(service, path, headers),
      plain304: () => cost(plain304, path, conditional),
      service304: () => cost(service, path, conditional),
      proxy: () => cost(proxy, path, {})
    },
    'µs',
    ROUNDS_PER_START
  )
  for (const server of [service, plain, plain304]) await stop(server)
  return costs
}
