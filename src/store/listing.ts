import { type Kysely, type RawBuilder, sql } from 'kysely'
import { LRUCache } from 'lru-cache'
import { FACET_VALUES_MAX, type FacetName, type Facets } from '../../schemas/product.js'
import type { Json } from '../../schemas/responses.js'
import {
  type Filters,
  hasFilters,
  noFilters,
  type Order,
  type Position,
  type Query,
  type Terms
} from '../catalog/query.js'
import { nearest } from '../catalog/spelling.js'
import { isSpelled } from '../catalog/words.js'
import type { Database, Tables } from './database.js'
import type { Rank } from './full-text.js'
import { type Dated, dated } from './products.js'

/** The part of the products that a query finds which it asks to be shown. */
export interface Listing {
  /** Each product in its short form, separated by commas: finished JSON, but for the brackets. */
  products: string
  /** How many products the query finds. */
  total: number
  /** The last product of this part, where there are more after it. */
  last: Position | undefined
  facets: Json<Facets> | undefined
}

/** Bytes of answers that are remembered for as long as the catalog stays as it is: totals, facets, what words mean. */
const MEMORY = 8_000_000
/** Bytes of an answer beside its text, roughly. */
const OVERHEAD = 100

/** How many times cheaper reading in order has to look to be chosen: often the conditions have to do with the order. */
const CAUTION = 10

/** Where price ranges begin, in minor units. */
const PRICE_STEPS = [0, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 100_000].map((price) => price * 100)

/** What a query selects, with what its words were found to mean. */
interface Selection {
  terms: Terms
  /** Only products of this rank. */
  rank?: Rank
  filters: Filters
}

/** A product of a page: its id, its summary, and what it was sorted by as `key0`, `key1` and so on. */
type Row = Record<string, number | string> & { id: number; summary_json: string }

/** One moment of the catalog. */
interface Moment {
  db: Kysely<Tables>
  revision: number
}

/** Finds products. */
export class ListingStore {
  readonly #db: Database
  /** Answers as JSON, by what they depend on. */
  readonly #memory = new LRUCache<string, string>({
    maxSize: MEMORY,
    sizeCalculation: (answer, key) => OVERHEAD + answer.length + key.length
  })

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * What a query asks for.
   * @param revision The one that the catalog is likely to be at. Where it is not, more has to be read.
   */
  async list(query: Query, revision: number): Promise<Dated<Listing>> {
    try {
      // Each statement is of one moment. That all are of the same one is asked for only where it turns out that they are not.
      return { revision, ...(await this.#list({ db: this.#db.read, revision }, query)) }
    } catch (error) {
      if (!(error instanceof OvertakenError)) throw error
    }
    return await dated(this.#db, async (db, revision) => await this.#list({ db, revision }, query))
  }

  async #list(moment: Moment, query: Query): Promise<Listing> {
    const terms = query.after?.terms ?? (await this.#understand(moment, query.words))
    const selection = { terms, filters: query.filters }
    const total = await this.#total(moment, selection)
    const page = total > query.offset ? await this.#page(moment, query, selection) : nothing
    const facets = query.facets.length > 0 ? await this.#facets(moment, query.facets, selection) : undefined
    return { ...page, total, facets }
  }

  /** A page, in order. One product more than it holds is looked for, to know whether there is one. */
  async #page(moment: Moment, query: Query, selection: Selection): Promise<Pick<Listing, 'products' | 'last'>> {
    const { order, limit, words } = query
    const rows =
      order[0]?.by === 'relevance'
        ? await this.#rowsByRank(moment, query, selection)
        : await this.#rows(moment, { ...query, limit: limit + 1 }, selection)
    const shown = rows.slice(0, limit)
    const end = rows.length > limit ? shown.at(-1) : undefined
    const isCorrected = selection.terms.some((term, i) => term.length !== 1 || term[0] !== words[i])
    return {
      products: shown.map((row) => row.summary_json).join(','),
      last: end && {
        values: order.map((_, i) => end[`key${i}`] as number | string),
        id: end.id,
        ...(isCorrected && { terms: selection.terms })
      }
    }
  }

  /**
   * The rows of a page whose first key is relevance: rank after rank, as each is found without looking at the others, and
   * most pages need one or two.
   */
  async #rowsByRank(moment: Moment, query: Query, selection: Selection): Promise<Row[]> {
    const [first, ...order] = query.order as [Order, ...Order[]]
    const [reached, ...values] = query.after?.values ?? []
    const ranks = first.descending ? ([0, 1, 2] as const) : ([2, 1, 0] as const)
    const found: Row[] = []
    let { offset } = query
    for (const rank of ranks.slice(ranks.findIndex((rank) => rank === (reached ?? ranks[0])))) {
      const after = query.after && rank === reached ? { ...query.after, values } : undefined
      const part = { ...selection, rank }
      const left = after ? await this.#left(moment, order, after, part) : await this.#total(moment, part)
      if (offset >= left) {
        offset -= left
        continue
      }
      const limit = query.limit + 1 - found.length
      const rows = await this.#rows(moment, { order, limit, offset, after }, part)
      found.push(...rows.map((row) => shift(row, rank, order.length)))
      if (found.length > query.limit) break
      offset = 0
    }
    return found
  }

  async #rows(
    moment: Moment,
    { order, limit, offset, after }: Pick<Query, 'order' | 'limit' | 'offset' | 'after'>,
    selection: Selection
  ): Promise<Row[]> {
    const keys = this.#sortKeys(order, selection)
    const conditions = this.#conditions(selection, await this.#drivers(moment, selection, order[0], offset + limit))
    if (after) conditions.push(isAfter(keys, after))
    const columns = [sql`product.id`, ...keys.map(({ value, name }) => sql`${value} as ${name}`)]
    const sorted = (id: RawBuilder<unknown>) =>
      sql.join([...keys.map(({ name, direction }) => sql`${name} ${direction}`), id])
    const page = sql`select ${sql.join(columns)} from product${where(conditions)}
      order by ${sorted(sql`product.id`)} limit ${limit} offset ${offset}`
    const { rows } = await sql<Row & { revision: number; id: number | null }>`
      select catalog.revision, page.*, summary_json from catalog left join (${page}) as page on true
      left join product_text on product_text.id = page.id order by ${sorted(sql`page.id`)}`.execute(moment.db)
    checkRevision(moment, rows)
    return rows.filter((row) => row.id !== null)
  }

  /** How many products come after a position. */
  async #left(moment: Moment, order: readonly Order[], after: Position, selection: Selection): Promise<number> {
    const conditions = [...this.#conditions(selection, undefined), isAfter(this.#sortKeys(order, selection), after)]
    return await this.#count(moment, sql`select 1 from product${where(conditions)}`)
  }

  #sortKeys(order: readonly Order[], selection: Selection): SortKey[] {
    return order.map((one, i) => ({ ...this.#sortKey(one, selection), name: sql.ref(`key${i}`) }))
  }

  #sortKey({ by, descending }: Order, { terms, filters }: Selection): Omit<SortKey, 'name'> {
    if (by === 'asked') {
      const places = filters.ids.map((id, place) => sql`when ${id} then ${sql.lit(place)}`)
      return { value: sql`case product.id ${sql.join(places, sql` `)} end`, direction: ASCENDING }
    }
    if (by === 'relevance') {
      const isHit = (rank: Rank) => sql`when ${isIn(this.#db.fullText.hits(terms, rank))} then ${sql.lit(rank)}`
      // The best first, which is the highest rank.
      return { value: sql`case ${isHit(2)} ${isHit(1)} else 0 end`, direction: descending ? ASCENDING : DESCENDING }
    }
    return { value: columns[by], direction: descending ? DESCENDING : ASCENDING }
  }

  /**
   * The conditions whose indexes may be read: those of the one that the fewest products satisfy, so that these are looked at;
   * or, where reading in order finds enough sooner, those that go together with the order. PostgreSQL keeps statistics of
   * its own, and decides for itself.
   */
  async #drivers(moment: Moment, selection: Selection, first?: Order, wanted?: number): Promise<Drivers> {
    const { category } = selection.filters
    const present = drivable.filter((name) => (name === 'terms' ? selection.terms : selection.filters[name]).length > 0)
    if (!this.#db.dialect.needsDrivers || !hasConditions(selection)) return undefined
    if (wanted !== undefined) {
      const total = await this.#total(moment, selection)
      const ordered = await this.#total(moment, { terms: [], filters: { ...noFilters, category } })
      // One in so many satisfies the conditions, if they have nothing to do with the order.
      if (total > CAUTION * wanted * (ordered / total)) {
        return new Set(['category', ...(ranges[first?.by ?? 'id'] ?? [])])
      }
    }
    if (present.length === 0) return undefined
    if (present.length === 1) return new Set([...present, 'price'])
    let best: { name: Driver; total: number } | undefined
    for (const name of present) {
      const alone =
        name === 'terms'
          ? { ...selection, filters: noFilters }
          : { terms: [], filters: { ...noFilters, [name]: selection.filters[name] } }
      const total = name === 'ids' ? 1 : await this.#total(moment, alone)
      if (!best || total < best.total) best = { name, total }
    }
    return new Set([best?.name as Driver, 'price'])
  }

  /** What products have to satisfy. Indexes are read of the drivers' columns only, where there are any. */
  #conditions({ terms, rank, filters }: Selection, drivers: Drivers): RawBuilder<unknown>[] {
    const { ids, tag, minPrice, maxPrice, minRating, minDiscount } = filters
    const conditions: RawBuilder<unknown>[] = []
    const column = (name: RawBuilder<unknown>, driver: Driver) =>
      !drivers || drivers.has(driver) ? name : sql`${this.#db.dialect.unindexed}${name}`
    if (terms.length > 0) conditions.push(sql`${column(ID, 'terms')} in (${this.#db.fullText.hits(terms, rank)})`)
    if (ids.length > 0) conditions.push(sql`${column(ID, 'ids')} in (${sql.join(ids)})`)
    for (const name of ['category', 'brand', 'availability'] as const) {
      const values = filters[name]
      if (values.length > 0) conditions.push(sql`${column(columns[name], name)} in (${sql.join(values)})`)
    }
    if (tag.length > 0) {
      const tagged = sql`select product_id from product_tag where tag in (${sql.join(tag)})`
      const isDriver = !drivers || drivers.has('tag')
      conditions.push(isDriver ? isIn(tagged) : sql`exists (${tagged} and product_id = product.id)`)
    }
    const price = column(columns.price, 'price')
    if (minPrice !== undefined) conditions.push(sql`${price} >= ${minPrice}`)
    if (maxPrice !== undefined) conditions.push(sql`${price} <= ${maxPrice}`)
    if (minRating !== undefined) conditions.push(sql`${column(columns.rating, 'rating')} >= ${minRating}`)
    if (minDiscount !== undefined) conditions.push(sql`${column(columns.discount, 'discount')} >= ${minDiscount}`)
    return conditions
  }

  async #total(moment: Moment, selection: Selection): Promise<number> {
    return await this.#remember(moment, `total ${JSON.stringify(selection)}`, async () => {
      const { terms, rank, filters } = selection
      const found =
        terms.length > 0 && !hasFilters(filters)
          ? this.#db.fullText.hits(terms, rank)
          : sql`select 1 from product${where(this.#conditions(selection, await this.#drivers(moment, selection)))}`
      return await this.#count(moment, found)
    })
  }

  async #count(moment: Moment, found: RawBuilder<unknown>): Promise<number> {
    const { rows } = await sql<{ total: number; revision: number }>`
      select (select revision from catalog) as revision, count(*) as total from (${found}) as found`.execute(moment.db)
    checkRevision(moment, rows)
    return rows[0]?.total as number
  }

  async #facets(moment: Moment, names: readonly FacetName[], selection: Selection): Promise<Json<Facets>> {
    const lists: string[] = []
    for (const name of names) {
      const own = name === 'price' ? { minPrice: undefined, maxPrice: undefined } : { [name]: [] }
      const others = { ...selection, filters: { ...selection.filters, ...own } }
      const counts = await this.#remember(moment, `${name} ${JSON.stringify(others)}`, async () =>
        name === 'price' ? await this.#priceRanges(moment, others) : await this.#values(moment, others, name)
      )
      lists.push(`"${name}":${JSON.stringify(counts)}`)
    }
    return `{${lists.join(',')}}` as Json<Facets>
  }

  /** How many of the products have each value of a field. */
  async #values(moment: Moment, selection: Selection, name: Exclude<FacetName, 'price'>): Promise<Facets['category']> {
    const conditions = this.#conditions(selection, await this.#drivers(moment, selection))
    if (name === 'tag') {
      const found = sql`select id from product${where(conditions)}`
      const tags = sql`product_tag${where(conditions.length > 0 ? [sql`product_id in (${found})`] : [])}`
      return await this.#counts(moment, sql`tag`, tags)
    }
    return await this.#counts(
      moment,
      columns[name],
      sql`product${where([sql`${columns[name]} is not null`, ...conditions])}`
    )
  }

  /** How many of the products are in each price range. */
  async #priceRanges(moment: Moment, selection: Selection): Promise<NonNullable<Facets['price']>> {
    const cases = PRICE_STEPS.slice(1).map((step, i) => sql`when price < ${sql.lit(step)} then ${sql.lit(i)}`)
    const last = PRICE_STEPS.length - 1
    const step = sql<number>`case ${sql.join(cases, sql` `)} else ${sql.lit(last)} end`
    const conditions = this.#conditions(selection, await this.#drivers(moment, selection))
    const counts = await this.#counts(moment, step, sql`product${where(conditions)}`)
    const ranges = counts.map(({ value, count }) => ({
      minPrice: (PRICE_STEPS[value] as number) / 100,
      ...(value < last && { maxPrice: ((PRICE_STEPS[value + 1] as number) - 1) / 100 }),
      count
    }))
    return ranges.sort((a, b) => a.minPrice - b.minPrice)
  }

  /** The values that occur most, with how often they do. */
  async #counts<T>(
    moment: Moment,
    value: RawBuilder<T>,
    from: RawBuilder<unknown>
  ): Promise<{ value: T; count: number }[]> {
    const counted = sql`select ${value} as value, count(*) as count from ${from} group by 1 order by 2 desc, 1
      limit ${FACET_VALUES_MAX}`
    const { rows } = await sql<{ revision: number; value: T | null; count: number }>`
      select catalog.revision, counted.* from catalog left join (${counted}) as counted on true
      order by counted.count desc, counted.value`.execute(moment.db)
    checkRevision(moment, rows)
    return rows.flatMap(({ value, count }) => (value === null ? [] : [{ value, count }]))
  }

  /**
   * What words stand for: themselves; where nothing has all of them, each that nothing has at all stands for the words that
   * are spelled nearly like it.
   */
  async #understand(moment: Moment, words: readonly string[]): Promise<Terms> {
    const said = words.map((word) => [word])
    if (words.length === 0) return said
    return await this.#remember(moment, `words ${words.join(' ')}`, async () => {
      const { hits, having } = this.#db.fullText
      if (await this.#isAny(moment, hits(said))) return said
      const meant: string[][] = []
      for (const [i, word] of words.entries()) {
        const isKnown = await this.#isAny(moment, i === words.length - 1 ? hits([[word]]) : having(word))
        meant.push(isKnown || !isSpelled(word) ? [word] : await this.#nearest(moment, word))
      }
      return meant
    })
  }

  async #nearest(moment: Moment, word: string): Promise<string[]> {
    const { fullText } = this.#db
    const candidates = await fullText.similar(moment.db, word)
    const found = await nearest(word, candidates, (candidate) => this.#isAny(moment, fullText.having(candidate)))
    return found.length > 0 ? found : [word]
  }

  async #isAny(moment: Moment, hits: RawBuilder<unknown>): Promise<boolean> {
    const { rows } = await sql<{ revision: number; found: number | boolean }>`
      select revision, exists (${hits}) as found from catalog`.execute(moment.db)
    checkRevision(moment, rows)
    return Boolean(rows[0]?.found)
  }

  /** The answer that was given to the same question at the same revision, or a new one. */
  async #remember<T>({ revision }: Moment, question: string, answer: () => Promise<T>): Promise<T> {
    const key = `${revision} ${question}`
    const known = this.#memory.get(key)
    if (known !== undefined) return JSON.parse(known)
    const made = await answer()
    this.#memory.set(key, JSON.stringify(made))
    return made
  }
}

const hasConditions = ({ terms, filters }: Selection) => terms.length > 0 || hasFilters(filters)

/** A statement has seen the catalog at another revision than it was asked of. */
class OvertakenError extends Error {}

function checkRevision(moment: Moment, rows: readonly { revision: number }[]): void {
  if (rows[0]?.revision !== moment.revision) throw new OvertakenError()
}

const nothing: Pick<Listing, 'products' | 'last'> = { products: '', last: undefined }

/** What products are sorted by, under the name that the result has it. */
interface SortKey {
  value: RawBuilder<unknown>
  name: RawBuilder<unknown>
  direction: RawBuilder<unknown>
}

const ASCENDING = sql`asc`
const DESCENDING = sql`desc`

const ID = sql`product.id`
const columns = {
  category: sql<string>`product.category`,
  brand: sql<string>`product.brand`,
  availability: sql<string>`product.availability`,
  price: sql<number>`product.price`,
  rating: sql<number>`product.rating`,
  title: sql<string>`product.title_key`,
  discount: sql<number>`product.discount`,
  stock: sql<number>`product.stock`,
  createdAt: sql<string>`product.created_at`
} as const

/** Conditions that few products may satisfy, so that it is worth to begin with those. */
const drivable = ['terms', 'ids', 'category', 'brand', 'tag', 'availability'] as const
/** A condition whose index may be read. */
type Driver = (typeof drivable)[number] | 'price' | 'rating' | 'discount'
/** Those whose may be; any, where it is undefined. */
type Drivers = ReadonlySet<Driver> | undefined

/** The bounds that go together with an order: they say where in it to begin. */
const ranges: Record<string, Driver[]> = { price: ['price'], rating: ['rating'], discount: ['discount'] }

const isIn = (ids: RawBuilder<unknown>) => sql`product.id in (${ids})`

const where = (conditions: readonly RawBuilder<unknown>[]) =>
  conditions.length === 0 ? sql`` : sql` where ${sql.join(conditions, sql` and `)}`

/** A row that was sorted by what came after its rank, with the rank before it. */
function shift(row: Row, rank: Rank, keys: number): Row {
  const shifted: Row = { id: row.id, summary_json: row.summary_json, key0: rank }
  for (let i = 0; i < keys; i++) shifted[`key${i + 1}`] = row[`key${i}`] as number | string
  return shifted
}

/** The condition that a product comes after a position, with ties in the order of the ids. */
function isAfter(keys: readonly SortKey[], { values, id }: Position): RawBuilder<unknown> {
  const all = [...keys, { value: ID, direction: ASCENDING }]
  const places = [...values, id]
  const compare = (i: number, operator: string) => sql`${all[i]?.value} ${sql.raw(operator)} ${places[i]}`
  const beyond = (i: number) => (all[i]?.direction === DESCENDING ? '<' : '>')
  const cases = all.map((_, i) => {
    const equal = Array.from({ length: i }, (_, before) => compare(before, '='))
    return sql`(${sql.join([...equal, compare(i, beyond(i))], sql` and `)})`
  })
  // Said once more of the first by itself, as this is what an index can begin at.
  return sql`${compare(0, `${beyond(0)}=`)} and (${sql.join(cases, sql` or `)})`
}
