/*
 * Kills the service repeatedly while it works. After each restart, everything that it has acknowledged is there, and nothing is
 * there in part.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Change } from '../../schemas/change.js'
import type { Product } from '../../schemas/product.js'
import { NDJSON } from '../../schemas/transfer.js'
import { ADMIN } from '../helpers/app.js'
import { createDatabase, findDamage, ifDeepOnEachEngine } from '../helpers/engines.js'
import { mug } from '../helpers/local-products.js'
import { command, TestProcess } from '../helpers/process.js'
import { sourceProduct } from '../helpers/products.js'
import { isDeep, runs } from '../helpers/runs.js'
import { TestSource } from '../helpers/source.js'

/** Number of kills per engine. */
const ROUNDS = runs(2, 25)
/** What the service acknowledges before the kill, one goal per round: `ANYTHING` operations of any kind, or one of a kind. */
const GOALS = ['anything', 'import', 'sign-out', 'product', 'sync'] as const
const ANYTHING = 20
/** Maximum delay of the kill after that, in milliseconds. */
const LAST = 20
const WRITERS = [1, 2, 3, 4]
const ROWS = 100
const PRODUCTS = 100
/** Sign-ins per round. The limit is ten per minute. */
const SIGN_INS = 8

type Work = 'write' | 'product' | 'import' | 'sign-in' | 'sign-out'

/** A counter that writes numbers to the service, and tracks the acknowledged ones. */
class Counter {
  sent = 0
  acknowledged = 0

  /** Writes the next number. Returns whether the service acknowledged it. */
  async next(send: (n: number) => Promise<unknown>): Promise<boolean> {
    const n = ++this.sent
    if ((await send(n)) === undefined) return false
    this.acknowledged = n
    return true
  }
}

interface Call {
  method?: string
  body?: string
  headers?: Record<string, string>
  token?: string
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
    // Attempts that a kill interrupts count as failures until a sign-in succeeds.
    this.#token = (await this.signIn()) as string
  }

  /** Waits until the service reports that the sync is complete. */
  async synced(): Promise<void> {
    await this.#process?.printed(/catalog changed/)
  }

  async kill(): Promise<void> {
    this.#process?.child.kill('SIGKILL')
    await this.#process?.finished
  }

  async read(path: string): Promise<string> {
    const { status, text } = await this.#send(path, {})
    if (status !== 200) throw new Error(`${path} returned ${status}: ${text}`)
    return text
  }

  /** Returns the status of a request with a token. */
  async statusOf(token: string): Promise<number> {
    return (await this.#send('/categories', { token })).status
  }

  /** Sends a valid request. Returns its response, or undefined if the connection ended first. */
  async write(path: string, call: Call): Promise<string | undefined> {
    try {
      const { ok, status, text } = await this.#send(path, call)
      if (!ok) throw new Error(`${call.method} ${path} returned ${status}: ${text}`)
      return text
    } catch (error) {
      // `fetch` throws a TypeError if the connection ends.
      if (error instanceof TypeError) return undefined
      throw error
    }
  }

  /** Returns a new token, or undefined if there was no response. */
  async signIn(): Promise<string | undefined> {
    const answer = await this.write('/auth', { method: 'POST', body: JSON.stringify(ADMIN) })
    return answer === undefined ? undefined : JSON.parse(answer).token
  }

  async #send(path: string, { method = 'GET', body, headers, token = this.#token }: Call) {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== '' && { authorization: `Bearer ${token}` }),
        ...headers
      },
      ...(body !== undefined && { body })
    })
    return { ok: response.ok, status: response.status, text: await response.text() }
  }
}

ifDeepOnEachEngine('acknowledged work survives a kill, and no work is stored in part', async (t, engine) => {
  const source = new TestSource([])
  await source.listen()
  t.teardown(() => source.close())
  const says = (edition: number) => {
    source.products = Array.from({ length: PRODUCTS }, (_, i) =>
      sourceProduct(i + 1, { stock: 0, description: String(edition) })
    )
  }
  says(0)
  const databaseUrl = await createDatabase(t)
  const service = new Service(t, {
    PORT: '0',
    DATABASE_URL: databaseUrl,
    SOURCE_URL: source.url,
    ADMIN_PASSWORD: ADMIN.password,
    RATE_LIMIT: '1000000',
    SAMPLE_CATALOG: 'false'
  })
  await service.start()
  while (JSON.parse(await service.read('/')).catalog.state !== 'fresh') await sleep(10)

  const { epoch } = JSON.parse(await service.read('/')).catalog
  const stocks = new Map(WRITERS.map((id) => [id, new Counter()]))
  const imports = new Counter()
  /** Ids of the created products by SKU. Undefined if there was no response, so the outcome is unknown. */
  const made = new Map<string, number | undefined>()
  /** Whether each token was revoked. Undefined if the outcome is unknown. */
  const tokens = new Map<string, boolean | undefined>()
  /** Tokens that earlier rounds revoked. */
  const ended: string[] = []
  let revision = 0
  let edition = 0
  let signIns = 0
  let cutImports = 0
  let cutSyncs = 0
  let release = () => {}

  /** Runs all work until the kill. @param done Called after each acknowledged operation. */
  const work = (done: (work: Work) => void): Promise<unknown> => {
    const patching = [...stocks].map(async ([id, counter]) => {
      const patch = (stock: number) =>
        service.write(`/products/${id}`, {
          method: 'PATCH',
          body: JSON.stringify({ stock }),
          headers: { 'if-match': '*' }
        })
      while (await counter.next(patch)) done('write')
    })
    const making = async () => {
      // Retries the request without a response first, as a client would.
      const open = [...made].filter(([, id]) => id === undefined).map(([sku]) => sku)
      for (;;) {
        const sku = open.shift() ?? `MADE-${made.size + 1}`
        made.set(sku, undefined)
        const body = JSON.stringify({ ...mug, sku })
        const answer = await service.write('/products', { method: 'POST', body, headers: { 'idempotency-key': sku } })
        if (answer === undefined) return
        made.set(sku, JSON.parse(answer).id)
        done('product')
      }
    }
    const importing = async () => {
      const send = (stock: number) => {
        const rows = Array.from({ length: ROWS }, (_, i) => JSON.stringify({ ...mug, sku: `ROW-${i + 1}`, stock }))
        const body = `${rows.join('\n')}\n`
        return service.write('/products/import', { method: 'POST', body, headers: { 'content-type': NDJSON } })
      }
      while (await imports.next(send)) done('import')
    }
    const signing = async () => {
      for (let i = 0; i < SIGN_INS; i++) {
        const token = await service.signIn()
        if (token === undefined) return
        tokens.set(token, false)
        done('sign-in')
        if (i % 2 === 1) continue
        tokens.set(token, undefined)
        if ((await service.write('/auth', { method: 'DELETE', token })) === undefined) return
        tokens.set(token, true)
        done('sign-out')
      }
    }
    return Promise.all([...patching, making(), importing(), signing()])
  }

  for (let round = 1; round <= ROUNDS; round++) {
    const goal = GOALS[round % GOALS.length]
    const enough = 1 + Math.random() * ANYTHING
    // The sync of the start writes during this time, or not at all.
    const releaseAt = Math.random() * ANYTHING
    let count = 0
    let reached = () => {}
    const reaching = new Promise<void>((resolve) => {
      reached = resolve
    })
    const working = work((work) => {
      count++
      if (count >= releaseAt) release()
      if (goal === 'anything' ? count >= enough : work === goal) reached()
    })
    if (goal === 'sync') {
      release()
      await service.synced()
    } else await reaching
    await sleep(Math.random() * LAST)
    await service.kill()
    release()
    await working

    // Checked before and after the recovery.
    if (round % 2 === 0) t.strictSame(await findDamage(databaseUrl), [])
    says(round)
    source.held = new Promise((resolve) => {
      release = resolve
    })
    await service.start()
    if (round % 2 === 1) t.strictSame(await findDamage(databaseUrl), [])

    const products = (await service.read('/products/export'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Product)
    const changes: Change[] = []
    for (let more = true; more; ) {
      const after = revision + changes.length
      const page = JSON.parse(await service.read(`/changes?after=${after}&limit=1000`))
      changes.push(...page.changes)
      more = page.changes.length > 0
    }
    const isWithout = changes.find((change, i) => change.revision !== revision + 1 + i)
    t.equal(isWithout, undefined, 'no revision is missing, and none is there twice')
    revision += changes.length
    const { catalog } = JSON.parse(await service.read('/'))
    t.equal(catalog.revision, revision, 'and none has gone')
    t.equal(catalog.epoch, epoch, 'a kill is not taken for a restore')

    for (const [id, { sent, acknowledged }] of stocks) {
      const { stock = Number.NaN } = products.find((product) => product.id === id) as Product
      if (!(stock >= acknowledged && stock <= sent)) t.fail(`product ${id} has ${stock}: ${acknowledged} to ${sent}`)
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
    const [servedEdition = -1, ...half] = new Set(
      products.filter(({ id }) => id <= PRODUCTS).map(({ description }) => Number(description))
    )
    t.strictSame(half, [], 'a sync is there in full or not at all')
    const least = goal === 'sync' ? round - 1 : edition
    if (servedEdition < least || servedEdition >= round)
      t.fail(`the source's products are of edition ${servedEdition}: ${least} to ${round - 1}`)
    if (servedEdition < round - 1) cutSyncs++
    edition = servedEdition
    for (const [token, isEnded] of tokens) {
      const status = await service.statusOf(token)
      if (status !== 401 && status !== 200) t.fail(`a token returned ${status}`)
      if (isEnded === true && status === 200) t.fail('a token is good again that was signed out')
      if (isEnded === false && status === 401) t.fail('a sign-in is forgotten')
      if (isEnded) ended.push(token)
    }
    signIns += tokens.size
    tokens.clear()
  }

  for (const token of ended) t.equal(await service.statusOf(token), 401)
  const writes = [...stocks.values()].reduce((sum, { acknowledged }) => sum + acknowledged, 0)
  t.comment(
    `${engine}: ${ROUNDS} kills; acknowledged: ${writes} writes, ${made.size} products, ${imports.acknowledged} imports, ` +
      `${signIns} sign-ins, ${ended.length} sign-outs; cut: ${cutImports} imports, ${cutSyncs} syncs`
  )
  t.ok(writes > ROUNDS, 'there were writes')
  if (!isDeep) return
  t.ok(cutImports > ROUNDS / 4, 'kills fell into imports')
  t.ok(cutSyncs > ROUNDS / 10, 'and came before the end of syncs')
})
