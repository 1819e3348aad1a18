/*
 * npm run bench: what the service costs and how long it takes. Costs are processor time per request, beside that of a plain
 * node:http server that sends the same bytes and headers in the same run. Rounds are interleaved and the figures are medians, as
 * other work may run on the machine. `--json` prints for machines; names of parts, such as `transfers`, run only those.
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { add, addCosts, median, print, progress } from './figures.js'
import { CONNECTIONS, cost, interleave, load, ROUNDS, SECONDS } from './load.js'
import {
  memory,
  peakMemory,
  type Server,
  signIn,
  startServer,
  startService,
  stop,
  stopAll,
  synced
} from './processes.js'
import { queries, wideQueries } from './queries.js'

const LARGE = 100_000
/** Starts of the servers for the cost of a kept response, and rounds after each start. */
const STARTS = 5
const ROUNDS_OF_A_START = 2
/** Seconds of load before the cost of different queries is measured. */
const WARM_UP_SECONDS = 15
/** Responses to different queries that the plain server sends in turn. */
const RECORDED = 500
/** Sign-ins a second in a flood: many times what one core can check. */
const FLOOD = 200
/** Seconds after which load ends even if the work that it accompanies has not. */
const LONGEST = 120

const folder = mkdtempSync(join(tmpdir(), 'product-catalog-bench-'))
const smallDatabase = join(folder, 'small.db')
const largeDatabase = join(folder, 'large.db')

try {
  const parts = Object.entries({ sameUrl, firstSync, otherQueries, transfers, signIns })
  const named = parts.filter(([name]) => process.argv.includes(name))
  for (const [, part] of named.length > 0 ? named : parts) await part()
  print()
} finally {
  stopAll()
  rmSync(folder, { recursive: true, force: true })
}

/**
 * Measures the cost of a response that the service keeps. It starts the servers several times, as the compiler optimizes one
 * start better than another: by up to a fifth.
 */
async function sameUrl(): Promise<void> {
  const source = await startServer('source.js', '200')
  const proxy = await startServer('proxy.js', source.url)
  const starts: Awaited<ReturnType<typeof costsOfOneStart>>[] = []
  for (let start = 1; start <= STARTS; start++) {
    progress(`start ${start} of ${STARTS}`)
    starts.push(await costsOfOneStart(source, proxy))
  }
  for (const server of [proxy, source]) await stop(server)

  const all = (name: keyof (typeof starts)[number]) => starts.flatMap((costs) => costs[name])
  addCosts('same URL again', all('service'), all('plain'), { min: 0.4, aim: 0.75 })
  addCosts('the same, 304', all('service304'), all('plain304'), { min: 0.4, aim: 0.75 })
  add('cost of a proxy to the source, of that of the same URL', median(all('proxy')) / median(all('service')), '×', {
    min: 8,
    aim: 8
  })
}

/** Starts the servers, and returns the costs in microseconds, by server and round. */
async function costsOfOneStart(source: Server, proxy: Server) {
  const service = await startService(smallDatabase, source.url, { SYNC_INTERVAL: '86400' })
  await synced(service)
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
    ROUNDS_OF_A_START
  )
  for (const server of [service, plain, plain304]) await stop(server)
  return costs
}

/** Measures the first sync of a large catalog, later starts with it, and syncs in which nothing changes. */
async function firstSync(): Promise<void> {
  const source = await startServer('source.js', String(LARGE))
  const cold = await startService(largeDatabase, source.url, {
    SAMPLE_CATALOG: 'true',
    NODE_OPTIONS: `--import=${new URL('blocks.js', import.meta.url)}`
  })
  const headers = await signIn(cold)
  const before = performance.now()
  const reads = load(cold, '/products', headers, LONGEST, synced(cold))
  await synced(cold)
  const seconds = (performance.now() - before) / 1000
  const { latency, requests: read } = await reads
  if (read.total < 10_000) throw new Error(`only ${read.total} reads during the first sync`)
  const asked = await requests(source)
  await stop(cold)

  add(`first sync of ${LARGE} products, under load`, seconds, 's', { max: 60, aim: 15 })
  add("reads' p99 meanwhile", latency.p99, 'ms', { max: 100, aim: 25 })
  add('longest block of the event loop meanwhile', Number(/block: ([\d.]+)/.exec(cold.output())?.[1]), 'ms', {
    max: 50,
    aim: 50
  })
  add('sources asked during 10,000 and more reads on a cold start', asked / (LARGE / 1000), 'runs', { max: 1, aim: 1 })

  const starts: number[] = []
  for (let i = 1; i < ROUNDS; i++) {
    const warm = await startService(largeDatabase, source.url)
    starts.push(warm.startup)
    await stop(warm)
  }
  const warm = await startService(largeDatabase, source.url, { SYNC_INTERVAL: '1' })
  starts.push(warm.startup)
  add(`start to ready, ${LARGE} products`, median(starts) / 1000, 's', { max: 1, aim: 0.3 })
  await requests(source)
  while ((await requests(source)) === 0) await sleep(100)
  await sleep(5000)
  const { catalog } = (await (await fetch(warm.url)).json()) as { catalog: { revision: number } }
  await requests(source)
  await sleep(5000)
  const after = (await (await fetch(warm.url)).json()) as { catalog: { revision: number } }
  add('changes by syncs in which nothing changed', after.catalog.revision - catalog.revision, '', { max: 0, aim: 0 })
  await stop(warm)
  await stop(source)
}

/** Measures the cost of a response that nobody has requested before, in a small and in a large catalog. */
async function otherQueries(): Promise<void> {
  const source = await startServer('source.js', '200')
  const largeSource = await startServer('source.js', String(LARGE))
  const service = await startService(smallDatabase, source.url, { SYNC_INTERVAL: '86400' })
  const large = await startService(largeDatabase, largeSource.url, { SYNC_INTERVAL: '86400' })
  const headers = await signIn(service)
  const largeHeaders = await signIn(large)
  await synced(service)
  await untilQuiet(large, largeSource)
  const paths = wideQueries(1)
  const largePaths = queries(1)
  const plain = await startRecorded(service, paths, headers)
  const largePlain = await startRecorded(large, largePaths, largeHeaders)
  const latencies: number[] = []
  // Longer than the warm-up round: it takes many queries until each word has been looked up once.
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

  addCosts('every request another query, 200 products', costs.service, costs.plain, { min: 0.15, aim: 0.3 })
  addCosts(`the same, ${LARGE} products`, costs.large, costs.largePlain, { min: 0.08, aim: 0.22 })
  add(`p99 of that, ${CONNECTIONS} connections`, median(latencies), 'ms', { max: 100, aim: 25 })
  add('resident memory after that', memory(large), 'MB', { max: 250, aim: 150 })
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

/** Measures exports and imports of a large catalog, and the latency of reads meanwhile. */
async function transfers(): Promise<void> {
  const source = await startServer('source.js', String(LARGE))
  const service = await startService(largeDatabase, source.url, { SYNC_INTERVAL: '86400' })
  const headers = await signIn(service)
  await untilQuiet(service, source)
  const paths = queries(1)
  await load(service, paths, headers, SECONDS)
  const quiet = (await load(service, paths, headers, 3 * SECONDS)).latency.p99
  progress(`p99 of reads while nothing else happens: ${quiet} ms; resident memory: ${memory(service)} MB`)

  const file = join(folder, 'products.ndjson')
  const changed = join(folder, 'changed.ndjson')
  const take = async () => {
    const answer = await fetch(`${service.url}/products/export`, { headers })
    await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(file))
  }
  const give = async (rows: string, counts: object) => {
    const answer = await fetch(`${service.url}/products/import`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-ndjson' },
      body: createReadStream(rows),
      duplex: 'half'
    } as unknown as RequestInit)
    const report = (await answer.json()) as Record<string, unknown>
    for (const [name, count] of Object.entries(counts)) {
      if (report[name] !== count) throw new Error(`the import was answered with ${JSON.stringify(report)}`)
    }
  }
  const measure = async (name: string, work: () => Promise<void>) => {
    const before = performance.now()
    const done = work()
    const reads = load(service, paths, headers, LONGEST, done)
    await done
    add(`${name} ${LARGE} products, under load`, (performance.now() - before) / 1000, 's', { max: 120, aim: 30 })
    add("reads' p99 meanwhile, of that while nothing else happens", (await reads).latency.p99 / quiet, '×', {
      max: 3,
      aim: 2
    })
  }
  await measure('export of', take)
  await measure('import that changes none of', () => give(file, { unchanged: LARGE, refused: 0 }))
  const lines = createInterface({ input: createReadStream(file) })
  await pipeline(async function* () {
    for await (const line of lines) yield `${line.replace(/"stock":(\d+)/, '"stock":1$1')}\n`
  }, createWriteStream(changed))
  await measure('import that changes each of', () => give(changed, { updated: LARGE, refused: 0 }))
  add('resident memory at most', peakMemory(service), 'MB', { max: 500, aim: 300 })
  for (const server of [service, source]) await stop(server)
}

/** Measures the latency of reads during a flood of sign-ins, from so many addresses that no limit per address is reached. */
async function signIns(): Promise<void> {
  const source = await startServer('source.js', '200')
  const service = await startService(smallDatabase, source.url, { SYNC_INTERVAL: '86400' })
  const headers = await signIn(service)
  await synced(service)
  const paths = queries(1)
  const read = async () => (await load(service, paths, headers, SECONDS)).latency.p99
  const p99 = await interleave(
    {
      quiet: read,
      flooded: async () => {
        const flood = await startServer('flood.js', service.url, String(FLOOD))
        // Until the queue of sign-ins is full.
        await sleep(1000)
        const value = await read()
        await stop(flood)
        const answers = JSON.parse(flood.output().trim().split('\n').at(-1) as string) as Record<string, number>
        const others = Object.keys(answers).filter((status) => !['401', '503'].includes(status))
        if (others.length > 0 || !answers[401] || !answers[503]) throw new Error(`sign-ins: ${JSON.stringify(answers)}`)
        return value
      }
    },
    'ms'
  )
  add(
    `reads' p99 while ${FLOOD} sign-ins a second come, of that while none does`,
    median(p99.flooded) / median(p99.quiet),
    '×',
    { max: 3, aim: 2 }
  )
  for (const server of [service, source]) await stop(server)
}

/** Returns how many requests a source has had since the last call. */
async function requests({ url }: Server): Promise<number> {
  return Number(await (await fetch(`${url}/requests`)).text())
}

/** Waits until the first sync of a process has ended. It reads everything, even if the database has a catalog already. */
async function untilQuiet(service: Server, source: Server): Promise<void> {
  await synced(service)
  await requests(source)
  while ((await requests(source)) > 0) await sleep(500)
}
