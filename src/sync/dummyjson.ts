import { Pool } from 'undici'
import { SourcePage } from '../../schemas/source.js'
import { createValidator } from '../validation.js'
import { version } from '../version.js'

/** Why the source could not be read, in a word that may be shown to anyone. */
export class SourceError extends Error {
  override name = 'SourceError'

  constructor(
    readonly reason: 'timeout' | 'refused' | 'too-large' | 'invalid' | `http-${number}`,
    options?: ErrorOptions
  ) {
    super(`the source could not be read: ${reason}`, options)
  }
}

/** DummyJSON allows 100 requests in 10 seconds; pages of this size stay far below that. */
const PAGE_SIZE = 100

export interface SourceLimits {
  /** Milliseconds until a connection has to stand. */
  connect: number
  /** Milliseconds for one page, from the request to its last byte. */
  page: number
  /** Milliseconds for all pages together. */
  total: number
  /** Bytes of all pages together. A product of DummyJSON has about 1.5 kB. */
  bytes: number
}

const defaultLimits: SourceLimits = { connect: 5_000, page: 15_000, total: 600_000, bytes: 256 * 1024 * 1024 }

const isPage = createValidator({ allErrors: false }).compile<SourcePage>(SourcePage)

/** A product source that answers as DummyJSON does. Redirects are not followed; certificates are checked. */
export class DummyJsonSource {
  readonly #pool: Pool
  readonly #base: string
  readonly #limits: SourceLimits

  /** @param url Address under which `/products` is found, without a slash at its end. */
  constructor(url: string, limits: SourceLimits = defaultLimits) {
    const { origin, pathname } = new URL(url)
    this.#base = pathname === '/' ? '' : pathname
    this.#limits = limits
    this.#pool = new Pool(origin, { connections: 1, connect: { timeout: limits.connect } })
  }

  /**
   * Reads the whole catalog, or learns from the ETags of an earlier reading that it is still the same. A catalog that is
   * not whole is none: a page that is missing, or a `total` that is not kept to, fails the reading.
   * @param take Is given the products of each page as they came, not yet checked, and waited for.
   * @returns The ETags of the pages, if the source gives any; undefined where the catalog is still the same.
   * @throws {SourceError}
   */
  async read(
    validators: string[],
    stop: AbortSignal,
    take: (products: unknown[]) => Promise<void>
  ): Promise<string[] | undefined> {
    const budget = {
      signal: AbortSignal.any([stop, AbortSignal.timeout(this.#limits.total)]),
      bytes: this.#limits.bytes
    }
    if (validators.length > 0 && (await this.#isUnchanged(validators, budget))) return undefined
    let products = 0
    const etags: string[] = []
    let page = 0
    let content: SourcePage
    do {
      const { status, etag, text } = await this.#get(page++, budget)
      if (status !== 200) throw new SourceError(`http-${status}`)
      content = parsePage(text)
      products += content.products.length
      if (etag !== undefined) etags.push(etag)
      await take(content.products)
    } while (products < content.total && content.products.length > 0)
    if (products !== content.total) throw new SourceError('invalid')
    return etags.length === page ? etags : []
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  async #isUnchanged(validators: string[], budget: Budget): Promise<boolean> {
    for (const [page, validator] of validators.entries()) {
      if ((await this.#get(page, budget, { 'if-none-match': validator })).status !== 304) return false
    }
    return true
  }

  async #get(page: number, budget: Budget, condition?: { 'if-none-match': string }): Promise<SourceAnswer> {
    try {
      const { statusCode, headers, body } = await this.#pool.request({
        method: 'GET',
        path: `${this.#base}/products?limit=${PAGE_SIZE}&skip=${page * PAGE_SIZE}`,
        headers: { accept: 'application/json', 'user-agent': `product-catalog/${version}`, ...condition },
        // Of the whole, not of each piece: a body that drips never pauses for long.
        signal: AbortSignal.any([budget.signal, AbortSignal.timeout(this.#limits.page)])
      })
      const etag = typeof headers.etag === 'string' ? headers.etag : undefined
      return { status: statusCode, etag, text: await readText(body, budget) }
    } catch (error) {
      throw toSourceError(error as Error & { code?: string | number })
    }
  }
}

/** What is left for a reading. */
interface Budget {
  signal: AbortSignal
  bytes: number
}

interface SourceAnswer {
  status: number
  etag: string | undefined
  text: string
}

function parsePage(text: string): SourcePage {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (error) {
    throw new SourceError('invalid', { cause: error })
  }
  if (!isPage(content)) throw new SourceError('invalid')
  return content
}

async function readText(body: AsyncIterable<Buffer>, budget: Budget): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of body) {
    budget.bytes -= chunk.length
    // Leaving the loop ends the body and its connection.
    if (budget.bytes < 0) throw new SourceError('too-large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function toSourceError(error: Error & { code?: string | number }): SourceError {
  if (error instanceof SourceError) return error
  const timedOut = error.name === 'TimeoutError' || String(error.code).endsWith('_TIMEOUT')
  return new SourceError(timedOut ? 'timeout' : 'refused', { cause: error })
}
