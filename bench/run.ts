/*
 * npm run bench: how fast the service is, beside a plain node:http server that sends the same bytes in the same run. Rounds
 * are interleaved and medians compared, as ratios: the machine may be doing other things too. `--json` prints for machines.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import autocannon from 'autocannon'
import { memory, type Server, signIn, startServer, startService, stop, stopAll, synced } from './processes.js'

const ROUNDS = 5
const SECONDS = 3
const CONNECTIONS = 32
const LARGE = 100_000
/** Seconds that nothing here takes. */
const LONGEST = 120

interface Figure {
  name: string
  value: number
  unit: string
  /** What it has to reach, and what it should. */
  least: number
  aim: number
  better: 'higher' | 'lower'
}

type Headers = Record<string, string>

const figures: Figure[] = []
const folder = mkdtempSync(join(tmpdir(), 'product-catalog-bench-'))

try {
  await small()
  await large()
  print()
} finally {
  stopAll()
  rmSync(folder, { recursive: true, force: true })
}

/** The catalog of a small shop: how close to Node itself an answer is that was given before. */
async function small(): Promise<void> {
  const source = await startServer('bench/source.js', ['200'])
  const service = await startService(join(folder, 'small.db'), source.url)
  await synced(service)
  const headers = await signIn(service)
  const path = '/products'
  const tag = (
    await fetch(`${service.url}${path}`, { headers: { ...headers, 'accept-encoding': 'identity' } })
  ).headers.get('etag')
  const conditional = { ...headers, 'if-none-match': tag as string }
  const plain = await startServer('bench/plain.js', [`${service.url}${path}`, JSON.stringify(headers)])
  const plain304 = await startServer('bench/plain.js', [`${service.url}${path}`, JSON.stringify(conditional)])
  const proxy = await startServer('bench/proxy.js', [source.url])

  const rates = await interleave({
    plain: () => rate(plain, path, headers),
    service: () => rate(service, path, headers),
    plain304: () => rate(plain304, path, conditional),
    service304: () => rate(service, path, conditional),
    proxy: () => rate(proxy, path, {})
  })
  for (const server of [service, plain, plain304, proxy, source]) await stop(server)

  add('same URL, of plain node:http', rates.service / rates.plain, '×', 0.7, 0.9, 'higher')
  add('the same, 304', rates.service304 / rates.plain304, '×', 0.7, 0.9, 'higher')
  add('same URL, of a proxy to the source', rates.service / rates.proxy, '×', 8, 8, 'higher')
}

/** A large catalog: what it takes to read it from the source, to start with it, and to keep it. */
async function large(): Promise<void> {
  const source = await startServer('bench/source.js', [String(LARGE)])
  const database = join(folder, 'large.db')
  const cold = await startService(database, source.url, { SAMPLE_CATALOG: 'true' })
  const headers = await signIn(cold)
  const before = performance.now()
  const reads = autocannonRun(cold, '/products', headers, LONGEST, synced(cold))
  await synced(cold)
  const seconds = (performance.now() - before) / 1000
  const { latency, requests: read } = await reads
  if (read.total < 10_000) throw new Error(`only ${read.total} reads during the first sync`)
  const asked = await requests(source)
  await stop(cold)

  add(`first sync of ${LARGE} products`, seconds, 's', 60, 15, 'lower')
  add("reads' p99 meanwhile", latency.p99, 'ms', 100, 25, 'lower')
  add('sources asked during 10,000 and more reads on a cold start', asked / (LARGE / 100), 'runs', 1, 1, 'lower')

  const warm = await startService(database, source.url, { SYNC_INTERVAL: '1' })
  add(`start to ready, ${LARGE} products`, warm.startup / 1000, 's', 1, 0.3, 'lower')
  while ((await requests(source)) === 0) await sleep(100)
  await sleep(5000)
  const { catalog } = (await (await fetch(warm.url)).json()) as { catalog: { revision: number } }
  await requests(source)
  await sleep(5000)
  const after = (await (await fetch(warm.url)).json()) as { catalog: { revision: number } }
  add('changes by syncs in which nothing changed', after.catalog.revision - catalog.revision, '', 0, 0, 'lower')
  add('resident memory after them', memory(warm), 'MB', 250, 150, 'lower')
  await stop(warm)
  await stop(source)
}

async function requests({ url }: Server): Promise<number> {
  return Number(await (await fetch(`${url}/requests`)).text())
}

/** Runs each of several measurements in turn, again and again, and answers with the median of each. */
async function interleave<T extends string>(runs: Record<T, () => Promise<number>>): Promise<Record<T, number>> {
  const values = Object.fromEntries(Object.keys(runs).map((name) => [name, [] as number[]])) as Record<T, number[]>
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(runs) as [T, () => Promise<number>][]) {
      const value = await run()
      values[name].push(value)
      progress(`round ${round + 1} of ${ROUNDS}: ${name} ${Math.round(value)} requests a second`)
    }
  }
  const median = (list: number[]) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] as number
  return Object.fromEntries(Object.entries<number[]>(values).map(([name, list]) => [name, median(list)])) as Record<
    T,
    number
  >
}

/** Requests a second. */
async function rate(server: Server, path: string, headers: Headers): Promise<number> {
  const { requests, duration } = await autocannonRun(server, path, headers, SECONDS)
  return requests.total / duration
}

/** Load on one address, for so many seconds or until something else has happened. */
async function autocannonRun(server: Server, path: string, headers: Headers, duration: number, until?: Promise<void>) {
  const run = autocannon({ url: `${server.url}${path}`, headers, connections: CONNECTIONS, duration })
  until?.then(() => (run as unknown as autocannon.Instance).stop())
  const result = await run
  if (result.errors + result['4xx'] + result['5xx'] > 0) throw new Error(`${server.url}${path} failed under load`)
  return result
}

function add(name: string, value: number, unit: string, least: number, aim: number, better: Figure['better']): void {
  figures.push({ name, value, unit, least, aim, better })
  progress(`${name}: ${value.toFixed(2)} ${unit}`)
}

function print(): void {
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(figures, null, 2))
    return
  }
  const reaches = ({ value, better }: Figure, mark: number) => (better === 'higher' ? value >= mark : value <= mark)
  const sign = { higher: '≥', lower: '≤' }
  console.log('| figure | measured | at least | aim |\n| --- | --- | --- | --- |')
  for (const figure of figures) {
    const { name, value, unit, least, aim, better } = figure
    const marks = [least, aim].map((mark) => `${sign[better]} ${mark} ${reaches(figure, mark) ? '✓' : '✗'}`)
    console.log(`| ${name} | ${value.toFixed(2)} ${unit} | ${marks.join(' | ')} |`)
  }
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}
