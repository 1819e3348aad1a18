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

/** All that the source has: its products as they came, not yet checked, and the ETags of its pages, if it gives any. */
export interface SourceCatalog {
  products: unknown[]
  validators: string[]
}

/** DummyJSON allows 100 requests in 10 seconds; pages of this size stay far below that. */
const PAGE_SIZE = 100
/** The most pages that are read: a source whose `total` is a lie comes to an end here. */
const PAGES_MAX = 10_000
/** Bytes of one page. A product of DummyJSON has about 1.5 kB. */
const PAGE_BYTES_MAX = 16 * 1024 * 1024
/** Milliseconds for a connection, and for a page from the request to its last byte. */
const CONNECT_TIMEOUT = 5_000
const PAGE_DEADLINE = 15_000

const isPage = createValidator({ allErrors: false }).compile<SourcePage>(SourcePage)

/** A product source that answers as DummyJSON does. Redirects are not followed; certificates are checked. */
export class DummyJsonSource {
  readonly #pool: Pool
  readonly #base: string

  /** @param url Address under which `/products` is found, without a slash at its end. */
  constructor(url: string) {
    const { origin, pathname } = new URL(url)
    this.#base = pathname === '/' ? '' : pathname
    this.#pool = new Pool(origin, { connections: 1, connect: { timeout: CONNECT_TIMEOUT } })
  }

  /**
   * Reads the whole catalog, or learns from the ETags of an earlier reading that it is still the same.
   * @returns undefined where it is.
   * @throws {SourceError}
   */
  async read(validators: string[], signal: AbortSignal): Promise<SourceCatalog | undefined> {
    if (validators.length > 0 && (await this.#isUnchanged(validators, signal))) return undefined
    const products: unknown[] = []
    const etags: string[] = []
    for (let page = 0; page < PAGES_MAX; page++) {
      const { status, etag, text } = await this.#get(page, signal)
      if (status !== 200) throw new SourceError(`http-${status}`)
      const content = parsePage(text)
      products.push(...content.products)
      if (etag !== undefined) etags.push(etag)
      if (content.products.length === 0 || products.length >= content.total) {
        return { products, validators: etags.length === page + 1 ? etags : [] }
      }
    }
    throw new SourceError('too-large')
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  async #isUnchanged(validators: string[], signal: AbortSignal): Promise<boolean> {
    for (const [page, validator] of validators.entries()) {
      if ((await this.#get(page, signal, { 'if-none-match': validator })).status !== 304) return false
    }
    return true
  }

  async #get(page: number, signal: AbortSignal, condition?: { 'if-none-match': string }): Promise<SourceAnswer> {
    try {
      const { statusCode, headers, body } = await this.#pool.request({
        method: 'GET',
        path: `${this.#base}/products?limit=${PAGE_SIZE}&skip=${page * PAGE_SIZE}`,
        headers: { accept: 'application/json', 'user-agent': `product-catalog/${version}`, ...condition },
        signal: AbortSignal.any([signal, AbortSignal.timeout(PAGE_DEADLINE)])
      })
      const etag = typeof headers.etag === 'string' ? headers.etag : undefined
      return { status: statusCode, etag, text: await readText(body) }
    } catch (error) {
      throw toSourceError(error as Error & { code?: string | number })
    }
  }
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

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    // Leaving the loop ends the body and its connection.
    if (size > PAGE_BYTES_MAX) throw new SourceError('too-large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function toSourceError(error: Error & { code?: string | number }): SourceError {
  if (error instanceof SourceError) return error
  const timedOut = error.name === 'TimeoutError' || String(error.code).endsWith('_TIMEOUT')
  return new SourceError(timedOut ? 'timeout' : 'refused', { cause: error })
}
