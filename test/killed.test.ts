/*
 * The service is killed in the middle of its work, again and again: whatever it said was done is there when it starts again,
 * and nothing is there by half.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Change } from '../schemas/change.js'
import type { Product } from '../schemas/product.js'
import { NDJSON } from '../schemas/transfer.js'
import { ADMIN } from './helpers/app.js'
import { createDatabase, onEachEngine } from './helpers/engines.js'
import { mug } from './helpers/mug.js'
import { command, TestProcess } from './helpers/process.js'
import { sourceProduct } from './helpers/products.js'
import { TestSource } from './helpers/source.js'

const ROUNDS = 30
/** The longest time that the service runs, in milliseconds, from the first write to the kill. */
const LIFE = 400
const WRITERS = [1, 2, 3, 4]
const ROWS = 300

/** A number that counts up, and how far the service is known to have followed. */
class Counter {
  sent = 0
  acknowledged = 0

  /** Tries with the next number; answers whether the service said that it is done. */
  async next(send: (n: number) => Promise<unknown>): Promise<boolean> {
    const n = ++this.sent
    if ((await send(n)) === undefined) return false
    this.acknowledged = n
    return true
  }
}

class Service {
  #url = ''
  #token = ''
  #process: TestProcess | undefined

  constructor(
    readonly t: Test,
    readonly env: NodeJS.ProcessEnv
  ) {}

  async start(): Promise<void> {
    this.#process = new TestProcess(this.t, command('src/server.js'), this.env)
    this.#url = (await this.#process.printed(/Server listening at (http:[^"]+)/))[1] as string
    if (this.#token) return
    const answer = await this.#send('/auth', { method: 'POST', body: JSON.stringify(ADMIN) })
    this.#token = JSON.parse(answer as string).token
  }

  async kill(): Promise<void> {
    this.#process?.child.kill('SIGKILL')
    await this.#process?.finished
  }

  async read(path: string): Promise<string> {
    return (await this.#send(path, {})) as string
  }

  /** The answer; undefined where there was none, which is all that may happen to a request that is right. */
  async write(method: string, path: string, body: string, headers: Record<string, string> = {}) {
    try {
      return await this.#send(path, { method, body, headers })
    } catch (error) {
      // What fetch throws where a connection ends.
      if (error instanceof TypeError) return undefined
      throw error
    }
  }

  async #send(path: string, { headers = {}, ...init }: RequestInit & { headers?: Record<string, string> }) {
    const authorization = { authorization: `Bearer ${this.#token}` }
    const response = await fetch(`${this.#url}${path}`, {
      ...init,
      headers: { 'content-type': 'application/json', ...(this.#token && authorization), ...headers }
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${init.method} ${path} was answered with ${response.status}: ${text}`)
    return text
  }
}

onEachEngine('what was acknowledged outlives a kill, and nothing is there by half', async (t, engine) => {
  const source = new TestSource([])
  await source.listen()
  t.teardown(() => source.close())
  const says = (description: string) => {
    source.products = Array.from({ length: 200 }, (_, i) => sourceProduct(i + 1, { stock: 0, description }))
  }
  says('first')
  const service = new Service(t, {
    PORT: '0',
    DATABASE_URL: await createDatabase(t),
    SOURCE_URL: source.url,
    ADMIN_PASSWORD: ADMIN.password,
    RATE_LIMIT: '1000000',
    SAMPLE_CATALOG: 'false'
  })
  await service.start()
  while (JSON.parse(await service.read('/')).catalog.state !== 'fresh') await sleep(10)

  const stocks = new Map(WRITERS.map((id) => [id, new Counter()]))
  const imports = new Counter()
  /** The id of each product that was made, by its SKU; undefined where nobody knows whether it was. */
  const made = new Map<string, number | undefined>()
  let revision = 0
  let cutImports = 0

  for (let round = 1; round <= ROUNDS; round++) {
    const patching = [...stocks].map(async ([id, counter]) => {
      const patch = (stock: number) =>
        service.write('PATCH', `/products/${id}`, JSON.stringify({ stock }), { 'if-match': '*' })
      while (await counter.next(patch)) {}
    })
    const making = (async () => {
      // First once more what was not answered, as a caller would.
      const open = [...made].filter(([, id]) => id === undefined).map(([sku]) => sku)
      for (;;) {
        const sku = open.shift() ?? `MADE-${made.size + 1}`
        made.set(sku, undefined)
        const headers = { 'idempotency-key': sku }
        const answer = await service.write('POST', '/products', JSON.stringify({ ...mug, sku }), headers)
        if (answer === undefined) return
        made.set(sku, JSON.parse(answer).id)
      }
    })()
    const importing = (async () => {
      const send = (stock: number) => {
        const rows = Array.from({ length: ROWS }, (_, i) => JSON.stringify({ ...mug, sku: `ROW-${i + 1}`, stock }))
        return service.write('POST', '/products/import', `${rows.join('\n')}\n`, { 'content-type': NDJSON })
      }
      while (await imports.next(send)) {}
    })()
    await sleep(20 + Math.random() * (LIFE - 20))
    await service.kill()
    await Promise.all([...patching, making, importing])

    // There is a sync at each start: kills fall into it too.
    says(`round ${round}`)
    await service.start()
    const products = (await service.read('/products/export'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Product)
    const changes: Change[] = []
    for (let more = true; more; ) {
      const after = revision + changes.length
      const page = JSON.parse(await service.read(`/changes?after=${after}&limit=1000`))
      changes.push(...page.changes)
      more = revision + changes.length < page.revision
    }
    const isWithout = changes.find((change, i) => change.revision !== revision + 1 + i)
    t.equal(isWithout, undefined, 'no revision is missing, and none is there twice')
    revision += changes.length

    for (const [id, { sent, acknowledged }] of stocks) {
      const { stock } = products.find((product) => product.id === id) as Product
      if (stock < acknowledged || stock > sent) t.fail(`product ${id} has ${stock}: ${acknowledged} to ${sent}`)
    }
    const rows = products.filter(({ sku }) => sku.startsWith('ROW-'))
    const [stock = 0, ...others] = new Set(rows.map(({ stock }) => stock))
    if (rows.length % ROWS > 0 || others.length > 0) t.fail(`an import was written by half: ${[stock, ...others]}`)
    if (stock < imports.acknowledged || stock > imports.sent)
      t.fail(`the rows have ${stock}: ${imports.acknowledged} to ${imports.sent}`)
    if (stock < imports.sent) cutImports++
    for (const [sku, id] of made) {
      const ids = products.filter((product) => product.sku === sku).map(({ id }) => id)
      if (ids.length > 1 || (id !== undefined && ids[0] !== id)) t.fail(`${sku} is ${ids}, and was said to be ${id}`)
    }
    const told = new Set(products.filter(({ id }) => id <= 200).map(({ description }) => description))
    t.equal(told.size, 1, `a sync is there in full or not at all: ${[...told]}`)
  }

  const writes = [...stocks.values()].reduce((sum, { acknowledged }) => sum + acknowledged, 0)
  t.comment(
    `${engine}: ${writes} writes, ${made.size} products and ${imports.acknowledged} imports acknowledged; ${cutImports} imports cut`
  )
  t.ok(writes > ROUNDS, 'there were writes')
  t.ok(made.size > ROUNDS / 2, 'there were products')
  t.ok(imports.acknowledged > 0, 'there were imports')
  t.ok(cutImports > ROUNDS / 4, 'kills fell into imports')
})
