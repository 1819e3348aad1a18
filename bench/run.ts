/*
 * npm run bench: how fast the service is, beside a plain node:http server that sends the same bytes in the same run. Rounds
 * are interleaved and medians compared, as ratios: the machine may be doing other things too. `--json` prints for machines;
 * names of parts, such as `transfers`, run only those.
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { add, print, progress } from './figures.js'
import { CONNECTIONS, interleave, load, median, ROUNDS, rate, SECONDS } from './load.js'
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
import { queries } from './queries.js'

const LARGE = 100_000
/** Sign-ins a second that come in a flood: many times what one core can check. */
const FLOOD = 200
/** Seconds that nothing here takes. */
const LONGEST = 120

const folder = mkdtempSync(join(tmpdir(), 'product-catalog-bench-'))
const smallDatabase = join(folder, 'small.db')
const largeDatabase = join(folder, 'large.db')

try {
  const parts = Object.entries({ knownAnswers, firstSync, otherQueries, transfers, signIns })
  const named = parts.filter(([name]) => process.argv.includes(name))
  for (const [, part] of named.length > 0 ? named : parts) await part()
  print()
} finally {
  stopAll()
  rmSync(folder, { recursive: true, force: true })
}

/**
 * How close to Node itself an answer is that was given before. Each round starts anew, as one start is not like another: how
 * the compiler happens to see the code makes a difference of a fifth.
 */
async function knownAnswers(): Promise<void> {
  const source = await startServer('source.js', '200')
  const proxy = await startServer('proxy.js', source.url)
  const rates = {
    plain: [] as number[],
    service: [] as number[],
    plain304: [] as number[],
    service304: [] as number[],
    proxy: [] as number[]
  }
  for (let round = 0; round < ROUNDS; round++) {
    const service = await startService(smallDatabase, source.url)
    await synced(service)
    const headers = await signIn(service)
    const path = '/products'
    const identity = { ...headers, 'accept-encoding': 'identity' }
    const tag = (await fetch(`${service.url}${path}`, { headers: identity })).headers.get('etag')
    const conditional = { ...headers, 'if-none-match': tag as string }
    const plain = await startServer('plain.js', `${service.url}${path}`, JSON.stringify(headers))
    const plain304 = await startServer('plain.js', `${service.url}${path}`, JSON.stringify(conditional))
    rates.plain.push(await rate(plain, path, headers))
    rates.service.push(await rate(service, path, headers))
    rates.plain304.push(await rate(plain304, path, conditional))
    rates.service304.push(await rate(service, path, conditional))
    rates.proxy.push(await rate(proxy, path, {}))
    progress(
      `round ${round + 1} of ${ROUNDS}: ${Object.entries(rates).map(([name, all]) => `${name} ${all.at(-1)?.toFixed()}`)}`
    )
    for (const server of [service, plain, plain304]) await stop(server)
  }
  await stop(proxy)
  await stop(source)

  const service = median(rates.service)
  add('same URL, of plain node:http', service / median(rates.plain), '×', 0.7, 0.9, 'higher')
  add('the same, 304', median(rates.service304) / median(rates.plain304), '×', 0.7, 0.9, 'higher')
  add('same URL, of a proxy to the source', service / median(rates.proxy), '×', 8, 8, 'higher')
}

/** What it takes to read a large catalog from the source, to start with it, and to keep it. */
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

  add(`first sync of ${LARGE} products, under load`, seconds, 's', 60, 15, 'lower')
  add("reads' p99 meanwhile", latency.p99, 'ms', 100, 25, 'lower')
  add(
    'longest block of the event loop meanwhile',
    Number(/block: ([\d.]+)/.exec(cold.output())?.[1]),
    'ms',
    50,
    50,
    'lower'
  )
  add('sources asked during 10,000 and more reads on a cold start', asked / (LARGE / 1000), 'runs', 1, 1, 'lower')

  const starts: number[] = []
  for (let i = 1; i < ROUNDS; i++) {
    const warm = await startService(largeDatabase, source.url)
    starts.push(warm.startup)
    await stop(warm)
  }
  const warm = await startService(largeDatabase, source.url, { SYNC_INTERVAL: '1' })
  starts.push(warm.startup)
  add(`start to ready, ${LARGE} products`, median(starts) / 1000, 's', 1, 0.3, 'lower')
  await requests(source)
  while ((await requests(source)) === 0) await sleep(100)
  await sleep(5000)
  const { catalog } = (await (await fetch(warm.url)).json()) as { catalog: { revision: number } }
  await requests(source)
  await sleep(5000)
  const after = (await (await fetch(warm.url)).json()) as { catalog: { revision: number } }
  add('changes by syncs in which nothing changed', after.catalog.revision - catalog.revision, '', 0, 0, 'lower')
  await stop(warm)
  await stop(source)
}

/** How fast answers are that nobody has asked for before, and whether that depends on the number of products. */
async function otherQueries(): Promise<void> {
  const source = await startServer('source.js', '200')
  const largeSource = await startServer('source.js', String(LARGE))
  const service = await startService(smallDatabase, source.url, { SYNC_INTERVAL: '86400' })
  const large = await startService(largeDatabase, largeSource.url, { SYNC_INTERVAL: '86400' })
  const headers = await signIn(service)
  const largeHeaders = await signIn(large)
  await synced(service)
  await untilQuiet(large, largeSource)
  const plain = await startServer('plain.js', `${service.url}/products`, JSON.stringify(headers))
  const asked = { plain: queries(1), service: queries(1), large: queries(1) }
  const latencies: number[] = []

  const rates = await interleave({
    plain: () => rate(plain, asked.plain, headers),
    service: () => rate(service, asked.service, headers),
    large: async () => {
      const { latency, requests, duration } = await load(large, asked.large, largeHeaders, SECONDS)
      latencies.push(latency.p99)
      return requests.total / duration
    }
  })

  add(
    'every request another query, 200 products, of plain node:http',
    rates.service / rates.plain,
    '×',
    0.25,
    0.5,
    'higher'
  )
  add(`the same with ${LARGE} products, of that with 200`, rates.large / rates.service, '×', 0.5, 0.9, 'higher')
  add(`p99 of that, ${CONNECTIONS} connections`, median(latencies), 'ms', 100, 25, 'lower')
  add('resident memory after that', memory(large), 'MB', 250, 150, 'lower')
  for (const server of [service, large, plain, source, largeSource]) await stop(server)
}

/** What it takes to move a whole large catalog, and what those who read meanwhile feel of it. */
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
    add(`${name} ${LARGE} products, under load`, (performance.now() - before) / 1000, 's', 120, 30, 'lower')
    add(
      "reads' p99 meanwhile, of that while nothing else happens",
      (await reads).latency.p99 / quiet,
      '×',
      3,
      2,
      'lower'
    )
  }
  await measure('export of', take)
  await measure('import that changes none of', () => give(file, { unchanged: LARGE, refused: 0 }))
  const lines = createInterface({ input: createReadStream(file) })
  await pipeline(async function* () {
    for await (const line of lines) yield `${line.replace(/"stock":(\d+)/, '"stock":1$1')}\n`
  }, createWriteStream(changed))
  await measure('import that changes each of', () => give(changed, { updated: LARGE, refused: 0 }))
  add('resident memory at most', peakMemory(service), 'MB', 500, 300, 'lower')
  for (const server of [service, source]) await stop(server)
}

/** What those who read feel of a flood of sign-ins, which comes from so many addresses that no limit helps. */
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
        // Until as many of them wait as may.
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
    p99.flooded / p99.quiet,
    '×',
    3,
    2,
    'lower'
  )
  for (const server of [service, source]) await stop(server)
}

async function requests({ url }: Server): Promise<number> {
  return Number(await (await fetch(`${url}/requests`)).text())
}

/** Waits for the first sync of a process to be over, which reads everything, even where there is a catalog already. */
async function untilQuiet(service: Server, source: Server): Promise<void> {
  await synced(service)
  await requests(source)
  while ((await requests(source)) > 0) await sleep(500)
}
