/* Checks a source without a database: `catalog source --help`. */

import { Product } from '../../schemas/product.js'
import { readConfig } from '../config.js'
import { applyEdits } from '../products/overlay.js'
import type { SourceFields } from '../store/source-products.js'
import { type DescribedProblem, FieldReports, toSentence } from '../sync/field-reports.js'
import type { MappedBatch } from '../sync/mapped-records.js'
import { openSource } from '../sync/open-source.js'
import { RepeatedPages } from '../sync/repeated-pages.js'
import { SourceError } from '../sync/source-error.js'
import type { ReadingSummary, RecordSink } from '../sync/source-reader.js'
import { findSubcommand, InputError, parseArguments, UsageError } from './command.js'

export const usage = `Usage: catalog source check [URL]

  check   reads the source and prints a preview: its kind, its first products, the optional fields that products lack,
          the fields that the service repairs or leaves out, the products that it cannot use, and whether the source is
          complete

Reads the source at URL or, without it, in SOURCE_URL, with the other settings of the service. Uses no database.
`

/** Products that are printed as the service would serve them. */
const SHOWN_PRODUCTS = 5
/** Products in quarantine that are printed. */
const SHOWN_REASONS = 20

const subcommands = { check }

export async function run(args: string[]): Promise<void> {
  const { positionals } = parseArguments(args, {})
  const [name, url, ...rest] = positionals
  const subcommand = findSubcommand(subcommands, name)
  if (rest.length > 0) throw new UsageError('Too many arguments.')
  await subcommand(url)
}

async function check(url: string | undefined): Promise<void> {
  const config = readConfig(url === undefined ? process.env : { ...process.env, SOURCE_URL: url })
  const { sourceUrl } = config
  if (sourceUrl === undefined) throw new InputError('SOURCE_URL is none. Give the URL of a source.')
  const source = openSource(sourceUrl, config)
  const found = new SourceSummary()
  let page = new SourceSummary()
  const repeated = new RepeatedPages((id) => found.has(id))
  const sink: RecordSink = {
    startPage() {
      page = new SourceSummary()
      repeated.startPage()
    },
    async addBatch(batch) {
      page.add(batch)
      repeated.add(batch)
    },
    endPage() {
      const isRepeated = repeated.endPage()
      if (!isRepeated) found.merge(page)
      return { isRepeated }
    }
  }
  try {
    const summary = await source.read([], new AbortController().signal, sink)
    process.stdout.write(found.describe(source.kind as string, summary as ReadingSummary))
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    throw new InputError(describeFailure(error))
  } finally {
    await source.close()
  }
}

/** Returns the reason for a failure. Failures of the network have no detail of their own. */
function describeFailure({ reason, detail, cause }: SourceError): string {
  if (detail !== undefined) return `The source cannot be read: ${detail}`
  return `The source cannot be read: ${reason}${cause instanceof Error ? ` (${cause.message})` : ''}`
}

/** Counts what a source or a page of it has. Keeps the first products only, so that a source of any size can be checked. */
class SourceSummary {
  #records = 0
  #quarantined = 0
  readonly #products: SourceFields[] = []
  readonly #reasons: [product: string, problem: DescribedProblem][] = []
  readonly #reports = new FieldReports()
  readonly #currencies = new Map<string, number>()
  readonly #ids = new Set<string>()
  /** The number of products that have each field. */
  readonly #fields = new Map<string, number>()

  add({ records, rows, quarantined, reports }: MappedBatch): void {
    for (const { id, position, problem } of quarantined.slice(0, SHOWN_REASONS - this.#reasons.length))
      this.#reasons.push([id ?? `at position ${this.#records + position} of its page`, problem])
    this.#products.push(...rows.slice(0, SHOWN_PRODUCTS - this.#products.length).map(({ fields }) => fields))
    for (const { id } of quarantined) if (id !== undefined) this.#ids.add(id)
    for (const { externalId, fields } of rows) {
      this.#ids.add(externalId)
      increase(this.#currencies, fields.currency)
      for (const [name, value] of Object.entries(fields)) if (!isEmpty(value)) increase(this.#fields, name)
    }
    this.#reports.addAll(reports)
    this.#records += records
    this.#quarantined += quarantined.length
  }

  /** Returns whether a record has this external id. */
  has(id: string): boolean {
    return this.#ids.has(id)
  }

  /** Adds a page. */
  merge(page: SourceSummary): void {
    for (const id of page.#ids) this.#ids.add(id)
    this.#records += page.#records
    this.#quarantined += page.#quarantined
    this.#products.push(...page.#products.slice(0, SHOWN_PRODUCTS - this.#products.length))
    this.#reasons.push(...page.#reasons.slice(0, SHOWN_REASONS - this.#reasons.length))
    this.#reports.addAll(page.#reports.counts)
    for (const [currency, count] of page.#currencies) increase(this.#currencies, currency, count)
    for (const [name, count] of page.#fields) increase(this.#fields, name, count)
  }

  /** Returns the report to print. @param kind The kind of the source. */
  describe(kind: string, { incomplete }: ReadingSummary): string {
    const usable = this.#records - this.#quarantined
    const lines = [
      `Kind: ${kind}`,
      `Products: ${usable}`,
      `Complete: ${incomplete === undefined ? 'yes' : `no, ${incomplete}`}`,
      `Currency: ${[...this.#currencies].map(([currency, count]) => `${currency} (${count})`).join(', ') || 'none'}`,
      '',
      'Missing fields (number of products without them):',
      ...this.#listMissing(usable),
      '',
      'Fields that the service repairs or leaves out:',
      ...orNone(
        this.#reports.counts.map(
          ({ outcome, count, product, ...problem }) =>
            `  ${outcome}, ${count} times, such as in product ${product}: ${toSentence(problem)}`
        )
      ),
      '',
      `Products in quarantine: ${this.#quarantined}`,
      ...this.#reasons.map(([product, problem]) => `  ${product}: ${toSentence(problem)}`),
      ...(this.#quarantined > this.#reasons.length ? ['  …'] : []),
      '',
      'The first products:',
      ...orNone(this.#products.map((fields) => JSON.stringify(toProduct(fields), null, 2)))
    ]
    return `${lines.join('\n')}\n`
  }

  #listMissing(usable: number): string[] {
    const names = Object.keys(Product.properties).filter((name) => !NEVER_FROM_SOURCES.has(name))
    const missing = names.flatMap((name) => {
      const count = usable - (this.#fields.get(name) ?? 0)
      return count === 0 ? [] : [`  ${name}: ${count}`]
    })
    return orNone(missing)
  }
}

/** Fields that the service sets itself. */
const NEVER_FROM_SOURCES = new Set(['id', 'origin', 'edited', 'status', 'onSale'])
/** The times of a product whose source has none. */
const ANY_TIME = new Date(0).toISOString()

const toProduct = (fields: SourceFields) => applyEdits({ createdAt: ANY_TIME, updatedAt: ANY_TIME, ...fields }, {})

const isEmpty = (value: unknown) => value === '' || (Array.isArray(value) && value.length === 0)

const orNone = (lines: string[]) => (lines.length > 0 ? lines : ['  none'])

function increase(counts: Map<string, number>, name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by)
}
