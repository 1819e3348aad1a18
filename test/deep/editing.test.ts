/*
 * Model-based test: after any sequence of writes, reverts, syncs and restarts, the service returns the same data as a model of plain
 * maps, which shares no code with the service.
 */
import fc from 'fast-check'
import type { Test } from 'tap'
import { Product } from '../../schemas/product.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { ifDeepOnEachEngine } from '../helpers/engines.js'
import { mug } from '../helpers/local-products.js'
import { sourceProduct } from '../helpers/products.js'
import { runs } from '../helpers/runs.js'

type Fields = Record<string, unknown>
interface Known {
  /** Fields from the source or from the creator. Undefined if the source does not have the product. */
  base: Fields | undefined
  edits: Fields
  isHidden: boolean
}

const IDS = [1, 2]
const LOCAL = 1_000_000_000
const FIELDS = Object.keys(Product.properties)
/** Removes the timestamps, which depend on the clock. */
const withoutTimes = ({ updatedAt: _, createdAt: __, ...others }: Fields) => others

/** Returns the availability of a product whose source never reports low stock. */
const availabilityAt = (stock: unknown) => (stock === 0 ? 'out-of-stock' : 'in-stock')

/** Returns the product as readers see it, or undefined if they do not. */
function visibleFields(id: number, known: Known | undefined): Fields | undefined {
  if (!known?.base || known.isHidden) return undefined
  const product: Fields = { ...known.base, ...known.edits, origin: id >= LOCAL ? 'local' : 'source' }
  if (product.brand === null) delete product.brand
  if ('stock' in known.edits) product.availability = availabilityAt(known.edits.stock)
  product.edited = FIELDS.filter((name) => name in known.edits)
  return product
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

class Model {
  readonly products = new Map<number, Known>()
  readonly changes: { kind: string; productId: number; fields: string[] }[] = []
  /** Products of the source, in its order. */
  source = new Map<number, Fields>()
  nextId = LOCAL

  get(id: number): Fields | undefined {
    return visibleFields(id, this.products.get(id))
  }

  /** Sets the state of a product. Appends a change if readers see a difference. */
  set(id: number, known: Known): void {
    const before = this.get(id)
    this.products.set(id, known)
    const after = this.get(id)
    if (!before && !after) return
    if (!before) this.changes.push({ kind: 'created', productId: id, fields: [] })
    else if (!after) this.changes.push({ kind: 'deleted', productId: id, fields: [] })
    else {
      const fields = FIELDS.filter((name) => !isSame(before[name], after[name]))
      if (fields.length > 0) this.changes.push({ kind: 'updated', productId: id, fields })
    }
  }

  ids(): number[] {
    return [...this.products.keys()].filter((id) => this.get(id)).sort((a, b) => a - b)
  }
}

/** Returns a mapped product of the source with the given fields. */
function mapped(id: number, changes: Fields): Fields {
  return {
    id,
    sku: `SKU-${id}`,
    title: `Product ${id}`,
    description: `What product ${id} is.`,
    category: 'beauty',
    brand: 'Brand',
    price: 9.99,
    currency: 'USD',
    discountPercentage: 10.5,
    rating: 4.2,
    stock: 7,
    availability: 'in-stock',
    status: 'active',
    tags: ['beauty', 'test'],
    thumbnail: `https://images.example/${id}/thumbnail.webp`,
    images: [`https://images.example/${id}/1.webp`],
    weight: 2,
    dimensions: { width: 1.5, height: 2.5, depth: 3.5 },
    warranty: '1 year warranty',
    shipping: 'Ships overnight',
    returnPolicy: '30 days return policy',
    minimumOrderQuantity: 1,
    barcode: '2000000000001',
    externalId: String(id),
    attributes: [],
    options: [],
    variants: [],
    reviews: [{ rating: 5, comment: 'Good.', date: '2026-01-02T03:04:05.678Z', reviewer: 'Ada Example' }],
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-02T00:00:00.000Z',
    ...changes
  }
}

const place = fc.nat(3)
const content = fc.record(
  {
    price: fc.constantFrom(1, 2.5, 9.99),
    stock: fc.constantFrom(0, 7, 8),
    title: fc.constantFrom('A title', 'Product 1'),
    tags: fc.constantFrom(['beauty', 'test'], [], ['x'])
  },
  { requiredKeys: [] }
)
const patch = fc.tuple(
  content,
  fc.record(
    {
      brand: fc.constantFrom(null, '', 'Brand', 'Other'),
      sku: fc.constantFrom('SKU-1', 'SKU-2', 'FREE'),
      dimensions: fc.record({ width: fc.constantFrom(1.5, 4), depth: fc.constantFrom(3.5, 5) }, { requiredKeys: [] })
    },
    { requiredKeys: [] }
  )
)
const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('make' as const), sku: fc.constantFrom('a', 'b', 'c', 'SKU-1') })
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('patch' as const), place, patch, isStale: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), place }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('revert' as const), place }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('source' as const),
      id: fc.constantFrom(...IDS),
      content: fc.option(content, { freq: 1 }),
      isSynced: fc.boolean()
    })
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sync' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) }
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Runs the same operations on the service and on the model. */
class ServiceAndModel {
  readonly model = new Model()
  #t: Test
  #app: TestApp

  private constructor(t: Test, app: TestApp) {
    this.#t = t
    this.#app = app
  }

  static async start(t: Test): Promise<ServiceAndModel> {
    const pair = new ServiceAndModel(t, await startApp(t))
    for (const id of IDS) pair.model.source.set(id, {})
    await pair.#sync()
    return pair
  }

  async take(step: Step): Promise<void> {
    const { model } = this
    if (step.do === 'make') await this.#make(step.sku)
    else if (step.do === 'source') {
      if (step.content) model.source.set(step.id, step.content)
      else model.source.delete(step.id)
      if (step.isSynced) await this.#sync()
    } else if (step.do === 'sync') await this.#sync()
    else if (step.do === 'restart') {
      await this.#app.app.close()
      // The service syncs the current source at startup.
      this.#updateSource()
      this.#app = await startApp(this.#t, { source: this.#app.source, config: this.#app.config })
      this.#syncModel()
    } else {
      const ids = [...model.products.keys()]
      const id = ids[step.place % ids.length] as number
      if (step.do === 'patch') await this.#patch(id, Object.assign({}, ...step.patch), step.isStale)
      else if (step.do === 'remove') await this.#remove(id)
      else await this.#revert(id)
    }
    await this.compare()
  }

  /** Checks that readers see the state of the model. */
  async compare(): Promise<void> {
    const { model } = this
    for (const id of model.products.keys()) {
      const { status, body } = await this.#app.request(`/products/${id}`)
      const expected = model.get(id)
      equal(status, expected ? 200 : 404, `status of ${id}`)
      if (expected) equal(sorted(withoutTimes(body)), sorted(withoutTimes(expected)), `product ${id}`)
    }
    const page = (await this.#app.request('/products?limit=100')).body
    equal(
      page.products.map(({ id }: { id: number }) => id),
      model.ids(),
      'list'
    )
    for (const { id, title, stock } of page.products) {
      equal([title, stock], [model.get(id)?.title, model.get(id)?.stock], `summary ${id}`)
    }
    equal((await this.#app.request('/')).body.catalog.revision, model.changes.length, 'revision')
  }

  async compareChanges(): Promise<void> {
    const { changes } = (await this.#app.request('/changes?after=0&limit=1000')).body
    const actual = changes.map(({ at: _, revision: __, ...change }: Fields) => ({
      ...change,
      fields: (change.fields as string[]).filter((name) => name !== 'updatedAt')
    }))
    equal(actual.map(sorted), this.model.changes.map(sorted), 'changes')
    equal(
      changes.map(({ revision }: { revision: number }) => revision),
      changes.map((_: unknown, i: number) => i + 1),
      'revisions'
    )
  }

  async #make(sku: string): Promise<void> {
    const { model } = this
    const isTaken = model.ids().some((id) => model.get(id)?.sku === sku)
    const { status, body } = await this.#app.request('/products', { method: 'POST', json: { ...mug, sku } })
    equal(status, isTaken ? 409 : 201, 'made')
    if (isTaken) return
    equal(body.id, model.nextId, 'id')
    const { origin: _, edited: __, ...base } = body
    model.set(model.nextId++, { base, edits: {}, isHidden: false })
  }

  async #patch(id: number, json: Fields, isStale: boolean): Promise<void> {
    const { model } = this
    const before = model.get(id)
    const { status } = await this.#write('PATCH', `/products/${id}`, isStale, json)
    const isTaken = model.ids().some((other) => other !== id && model.get(other)?.sku === json.sku)
    if (!before) return equal(status, 404, 'patch of a missing product')
    if (isStale) return equal(status, 412, 'stale patch')
    const values: Fields = { ...json }
    if (json.brand === '') values.brand = null
    if (json.dimensions) values.dimensions = { ...(before.dimensions as object), ...(json.dimensions as object) }
    const changed = Object.fromEntries(
      Object.entries(values).filter(([name, value]) => !isSame(value, before[name] ?? null))
    )
    if ('sku' in changed && isTaken) return equal(status, 409, 'patch with the SKU of another product')
    equal(status, 200, 'patch')
    const known = model.products.get(id) as Known
    if (id < LOCAL) model.set(id, { ...known, edits: { ...known.edits, ...changed } })
    else {
      const base: Fields = { ...known.base, ...changed }
      if ('stock' in changed) base.availability = availabilityAt(changed.stock)
      if (base.brand === null) delete base.brand
      model.set(id, { ...known, base })
    }
  }

  async #remove(id: number): Promise<void> {
    const { model } = this
    const known = model.products.get(id) as Known
    const isThere = model.get(id) !== undefined
    equal((await this.#write('DELETE', `/products/${id}`)).status, isThere ? 204 : 404, 'remove')
    if (isThere) model.set(id, id < LOCAL ? { ...known, isHidden: true } : { ...known, base: undefined })
  }

  async #revert(id: number): Promise<void> {
    const { model } = this
    const known = model.products.get(id) as Known
    const sku = known.base?.sku
    const isTaken = sku !== model.get(id)?.sku && model.ids().some((other) => model.get(other)?.sku === sku)
    const expected = !known.base ? 404 : id < LOCAL && !isTaken ? 200 : 409
    equal((await this.#write('DELETE', `/products/${id}/edits`)).status, expected, 'revert')
    if (expected === 200) model.set(id, { ...known, edits: {}, isHidden: false })
  }

  /** Writes with a current or an outdated ETag. */
  async #write(method: string, path: string, isStale = false, json?: unknown) {
    const read = await this.#app.request(path.replace('/edits', ''))
    const etag = read.headers.get('etag') ?? '*'
    return await this.#app.request(path, { method, json, headers: { 'if-match': isStale ? '"before"' : etag } })
  }

  #updateSource(): void {
    this.#app.source.products = [...this.model.source].map(([id, changes]) => sourceProduct(id, changes))
  }

  async #sync(): Promise<void> {
    this.#updateSource()
    await this.#app.sync()
    this.#syncModel()
  }

  #syncModel(): void {
    const { model } = this
    for (const [id, changes] of model.source) {
      const known = model.products.get(id) ?? { edits: {}, isHidden: false }
      model.set(id, { ...known, base: mapped(id, changes) })
    }
    for (const id of IDS.filter((id) => !model.source.has(id))) {
      const known = model.products.get(id)
      if (known?.base) model.set(id, { ...known, base: undefined })
    }
  }
}

const sorted = (value: Fields) => Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))

function equal(actual: unknown, expected: unknown, what: string): void {
  if (!isSame(actual, expected)) {
    throw new Error(`${what}: expected ${JSON.stringify(expected)} (got ${JSON.stringify(actual)})`)
  }
}

ifDeepOnEachEngine('any sequence of writes, reverts, syncs and restarts leads to the data of the model', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const pair = await ServiceAndModel.start(t)
      for (const step of steps) await pair.take(step)
      await pair.compareChanges()
    }),
    { numRuns: runs(5, 40), endOnFailure: true }
  )
  t.pass()
})
