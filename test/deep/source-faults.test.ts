/*
 * During every fault of the source, readers get the last good catalog and its true state. After the fault, the catalog is up to date
 * again. `npm run test:faults` prints the table.
 */
import dns from 'node:dns'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { CatalogStatus } from '../../schemas/service.js'
import { ADMIN, type StartOptions, startApp, type TestApp } from '../helpers/app.js'
import { type Fault, faults, goodProducts } from '../helpers/faults.js'
import { createFolder } from '../helpers/folder.js'
import { command, TestProcess } from '../helpers/process.js'
import { sourceProduct } from '../helpers/products.js'
import { isDeep, sample } from '../helpers/runs.js'
import { TestSource } from '../helpers/source.js'

/** Short limits in seconds, so that the catalog is stale and a page times out soon. */
const config = { syncInterval: 0.2, sourceTimeout: 2 }
const PATHS = ['/products', '/products/7', '/products?q=product&facets=brand', '/categories']
/** Maximum resident memory of the service, in megabytes. */
const MEMORY_MAX = 350
/** Duration of a fault that the service does not report throughout, in milliseconds. */
const LONG_ENOUGH = 3000

const table: { fault: string; start: string; reads: number; failed: number; status: string; recovered: boolean }[] = []

let memory = ''

/** Readers that read without pause, and compare every response with the last good catalog. */
class Readers {
  reads = 0
  failed = 0
  failure = ''
  #expected: Map<string, string> | undefined
  #isEnding = false
  readonly #ended: Promise<unknown>
  readonly #app: TestApp

  private constructor(app: TestApp, expected: Map<string, string>) {
    this.#app = app
    this.#expected = expected
    this.#ended = Promise.all([...expected.keys()].map((path) => this.#read(path)))
  }

  static async start(app: TestApp, paths = PATHS): Promise<Readers> {
    const answers = await Promise.all(paths.map(async (path) => [path, (await app.request(path)).text] as const))
    return new Readers(app, new Map(answers))
  }

  /** Allows the catalog to change from now on. */
  letChange(): void {
    this.#expected = undefined
  }

  async end(): Promise<void> {
    this.#isEnding = true
    await this.#ended
  }

  async #read(path: string): Promise<void> {
    while (!this.#isEnding) {
      const { status, text } = await this.#app.request(path)
      this.reads++
      if (status !== 200 || (this.#expected && this.#expected.get(path) !== text)) {
        this.failed++
        this.failure = `${path} was answered with ${status}: ${text}`
      }
      await sleep(10)
    }
  }
}

const catalogOf = async (app: TestApp) => (await app.request('/')).body.catalog
const cacheStatusOf = async (app: TestApp) => (await app.request('/products')).headers.get('cache-status') as string

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`timed out waiting for: ${what}`)
    await sleep(20)
  }
}

async function startSource(t: Test): Promise<TestSource> {
  const source = new TestSource(goodProducts)
  await source.listen()
  t.teardown(() => source.close())
  return source
}

/** Tests one fault from start to recovery, with a service that has synced before or never has. */
async function testFault(
  t: Test,
  { name, begin, reason: expectedReason, isAcceptedByFirstSync = false }: Fault,
  isCold: boolean,
  options: StartOptions = {}
) {
  const source = options.source ?? (await startSource(t))
  let end = isCold ? await begin(source, t) : undefined
  const app = await startApp(t, { source, config: { ...config, sampleCatalog: isCold, ...options.config } })
  const isTaken = isCold && (isAcceptedByFirstSync || expectedReason === undefined)
  if (!isCold || isTaken) await until('there is a catalog', async () => (await catalogOf(app)).state === 'fresh')
  const isEmpty = (await catalogOf(app)).products === 0
  const readers = await Readers.start(app, isEmpty ? PATHS.filter((path) => path !== '/products/7') : PATHS)
  t.teardown(() => readers.end())
  if (isTaken) readers.letChange()
  if (!isCold) end = await begin(source, t)

  if (expectedReason === undefined) await sleep(LONG_ENOUGH)
  else if (!isTaken) {
    await until(`the reason is ${expectedReason}`, async () => (await catalogOf(app)).reason === expectedReason)
    await until('the catalog is not fresh', async () => (await catalogOf(app)).state === (isCold ? 'sample' : 'stale'))
    const expected = isCold
      ? /^catalog; hit; detail=sample$/
      : new RegExp(`^catalog; hit; ttl=-\\d+; detail=${expectedReason}$`)
    // The service updates these headers once per second.
    await until(`Cache-Status matches ${expected}`, async () => expected.test(await cacheStatusOf(app)))
    t.match((await app.request('/readyz')).body, { status: 'degraded' }, 'the service is still ready')
  }
  const { state, reason = '' } = await catalogOf(app)

  readers.letChange()
  source.answer = undefined
  source.products = [...goodProducts, sourceProduct(41)]
  await end?.()
  let recovered = true
  await until('the catalog is up to date', async () => {
    // The next scheduled sync would be in a quarter of an hour.
    await app.sync()
    const catalog = await catalogOf(app)
    return catalog.products === 41 && catalog.state === 'fresh' && catalog.reason === undefined
  }).catch(() => {
    recovered = false
  })
  await readers.end()
  await app.app.close()
  const { reads, failed, failure } = readers
  table.push({
    fault: name,
    start: isCold ? 'cold' : 'warm',
    reads,
    failed,
    status: `${state} ${reason}`.trim(),
    recovered
  })
  t.equal(failed, 0, `of ${reads} reads: ${failure.slice(0, 500)}`)
  t.ok(reads > PATHS.length, 'there were reads')
  t.ok(recovered, 'the catalog is up to date afterwards')
}

t.test('the service survives every fault of a source', { jobs: 8 }, async (t) => {
  const faulty = sample(faults, 6).flatMap((fault, i) =>
    (isDeep ? [false, true] : [i % 2 === 1]).map((isCold) =>
      t.test(
        `a source that ${fault.name}, ${isCold ? 'from the start' : 'after it was read'}`,
        { buffered: true },
        (t) => testFault(t, fault, isCold)
      )
    )
  )
  await Promise.all(faulty)
})

// The next tests change global state of the process, so they run alone.
for (const isCold of sample([false, true], 2)) {
  t.test(`a source whose name is not found, ${isCold ? 'from the start' : 'after it was read'}`, async (t) => {
    const source = await startSource(t)
    const { lookup } = dns
    const found = (name: string, ...rest: unknown[]) =>
      (lookup as (...args: unknown[]) => void)(name === 'source.invalid' ? '127.0.0.1' : name, ...rest)
    const resolve = (isFound: boolean) => {
      dns.lookup = (isFound ? found : lookup) as typeof lookup
    }
    t.teardown(() => resolve(false))
    resolve(!isCold)
    const sourceUrl = source.url.replace('127.0.0.1', 'source.invalid')
    const begin = async () => {
      resolve(false)
      // The next connection resolves the name again.
      source.server.closeAllConnections()
      return async () => resolve(true)
    }
    await testFault(t, { name: 'has a name that is not found', reason: 'refused', begin }, isCold, {
      source,
      config: { sourceUrl }
    })
  })
}

for (const [name, jump] of [
  ['jumps ahead by a day', 86_400_000],
  ['jumps back by a day', -86_400_000]
] as const) {
  t.test(`a clock that ${name}`, async (t) => {
    const app = await startApp(t, { products: goodProducts, config: { tokenTtl: 172_800, syncInterval: 1 } })
    const readers = await Readers.start(app)
    const RealDate = Date
    const Shifted = class extends RealDate {
      constructor(...args: [] | [number | string]) {
        super(...((args.length === 0 ? [RealDate.now() + jump] : args) as [number]))
      }
      static override now = () => RealDate.now() + jump
    }
    t.teardown(() => {
      globalThis.Date = RealDate
    })
    globalThis.Date = Shifted as DateConstructor
    const { state } = await catalogOf(app)
    t.equal(state, jump > 0 ? 'stale' : 'fresh', 'the state follows the clock of the process')
    t.match((await app.request('/products')).headers.get('age'), /^\d+$/)

    app.source.products = [...goodProducts, sourceProduct(41)]
    readers.letChange()
    await until('the next sync comes', async () => (await catalogOf(app)).products === 41)
    t.equal((await catalogOf(app)).state, 'fresh')
    globalThis.Date = RealDate
    t.match((await app.request('/products')).headers.get('age'), /^\d+$/)
    await until('and the next one', async () => (await catalogOf(app)).state === 'fresh')
    await readers.end()
    const { reads, failed } = readers
    table.push({ fault: `a clock that ${name}`, start: 'warm', reads, failed, status: state, recovered: true })
    t.equal(failed, 0)
  })
}

t.test(
  'faults that try to exhaust memory fail, in the service as `npm start` runs it',
  { skip: !isDeep },
  async (t) => {
    const source = await startSource(t)
    const service = new TestProcess(t, command('src/server.js'), {
      PORT: '0',
      DATABASE_URL: `file:${createFolder(t)}/catalog.db`,
      SOURCE_URL: source.url,
      SYNC_INTERVAL: '1',
      ADMIN_PASSWORD: ADMIN.password,
      SAMPLE_CATALOG: 'false'
    })
    const url = (await service.printed(/Server listening at (http:[^"]+)/))[1] as string
    const catalog = async () => ((await (await fetch(url)).json()) as { catalog: CatalogStatus }).catalog
    await until('the source is read', async () => (await catalog()).state === 'fresh')

    for (const fault of faults.filter(({ triesToExhaustMemory }) => triesToExhaustMemory)) {
      await fault.begin(source, t)
      await until(`the reason is ${fault.reason}`, async () => (await catalog()).reason === fault.reason)
      source.answer = undefined
      await until('the catalog is up to date', async () => (await catalog()).reason === undefined)
    }

    const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${service.child.pid}/status`, 'utf8'))?.[1]) / 1000
    t.ok(peak < MEMORY_MAX, `${peak} MB`)
    memory = `Resident memory of the service at most: ${Math.round(peak)} MB.`
  }
)

const WIDTHS = [54, 4, -6, -6, 16, 6]
const row = (...cells: string[]) =>
  cells
    .map((cell, i) => ((width) => (width < 0 ? cell.padStart(-width) : cell.padEnd(width)))(WIDTHS[i] as number))
    .join('  ')

// Printed after the reporter has finished, because it folds and repeats lines.
t.teardown(() => {
  const rows = table.map(({ fault, start, reads, failed, status, recovered }) =>
    row(fault, start, String(reads), String(failed), status, recovered ? 'yes' : 'NO')
  )
  mkdirSync('.tap', { recursive: true })
  writeFileSync(
    '.tap/faults.txt',
    [row('fault', 'from', 'reads', 'failed', 'state', 'recovered'), ...rows, memory].join('\n')
  )
})
