import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Test } from 'tap'
import { SourceReader } from '../../src/sync/source-reader.js'

export interface WooProduct {
  id: number
  [field: string]: unknown
}

const read = async (name: string) =>
  JSON.parse(await readFile(`test/helpers/fixtures/${name}`, 'utf8')) as [WooProduct, WooProduct]

/** The products of the fixtures. The Store API has a simple product and one with variations. */
export const storeProducts = await read('woo-store-api.json')
export const restProducts = await read('woo-rest-v3.json')

/** Returns a product in the format of the Store API. */
export const storeProduct = (id: number): WooProduct => ({ ...storeProducts[0], id, slug: `product-${id}` })

/** Returns a product of the Store API with this number of variations. Their ids start at a thousand times that of the product. */
export function variableProduct(id: number, count: number): { product: WooProduct; variations: WooProduct[] } {
  const ids = Array.from({ length: count }, (_, i) => id * 1000 + i)
  const product = {
    ...storeProduct(id),
    type: 'variable',
    attributes: [
      { name: 'Size', has_variations: true, terms: ids.map((id) => ({ name: `Size ${id}`, slug: `s-${id}` })) }
    ],
    variations: ids.map((id) => ({ id, attributes: [{ name: 'Size', value: `s-${id}` }] }))
  }
  return {
    product,
    variations: ids.map((variation) => ({ ...storeProduct(variation), type: 'variation', parent: id }))
  }
}

const LIST = /^(?:\/shop)?\/wp-json\/wc\/(store\/v1|v3)\/(products|variations)$/
/** A consumer key and its secret. */
export const KEYS = { username: 'ck_0123456789', password: 'cs_0123456789' }
/** The query parameters with them. Shops accept these, because some hosts remove the header `Authorization`. */
export const KEYS_IN_QUERY = `consumer_key=${KEYS.username}&consumer_secret=${KEYS.password}`
const toAuthorization = ({ username, password }: typeof KEYS) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** A shop on loopback that behaves like WooCommerce: the Store API, and version 3 of the REST API. */
export class WooCommerceShop {
  /** The products of both APIs, in the format of the one that the test reads. */
  products: WooProduct[]
  variations: WooProduct[] = []
  /** Whether the REST API has a list of variations, as from version 10.3 on. */
  hasVariationsList = true
  /** Products that the totals count, but that no page has. */
  uncounted = 0
  /** Whether responses have the headers with the totals. Some proxies remove them. */
  hasTotals = true
  /** Whether responses have ETags. Only caches in front of a shop add them. */
  hasEtags = false
  /** Number of responses without a body, because the ETag was the same. */
  unchanged = 0
  /** Replaces the responses, if set. */
  answer: RequestListener | undefined
  /** Paths and queries, decoded, without the list of fields. */
  readonly requests: string[] = []
  readonly #server: Server

  private constructor(products: WooProduct[]) {
    this.products = products
    this.#server = createServer((request, response) => {
      this.requests.push(decodeURIComponent(request.url as string).replace(/_fields=[^&]*&/, ''))
      if (this.answer) this.answer(request, response)
      else this.serve(request, response)
    })
  }

  static async start(t: Test, products: readonly WooProduct[]): Promise<WooCommerceShop> {
    const shop = new WooCommerceShop([...products])
    await new Promise<void>((resolve) => shop.#server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => {
      shop.#server.closeAllConnections()
      shop.#server.close()
    })
    return shop
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Responds like WooCommerce. */
  serve(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url as string, this.url)
    const [, api, name] = LIST.exec(pathname) ?? []
    if (api === undefined || (name === 'variations' && !(api === 'v3' && this.hasVariationsList))) {
      sendError(response, 404, 'rest_no_route', 'No route was found matching the URL and request method.')
      return
    }
    const fromQuery = {
      username: searchParams.get('consumer_key') ?? '',
      password: searchParams.get('consumer_secret') ?? ''
    }
    const { authorization = toAuthorization(fromQuery) } = request.headers
    if (api === 'v3' && authorization !== toAuthorization(KEYS)) {
      sendError(response, 401, 'woocommerce_rest_cannot_view', 'Sorry, you cannot list resources.')
      return
    }
    const size = Number(searchParams.get('per_page') ?? 10)
    if (!(size >= 1 && size <= 100)) {
      sendError(response, 400, 'rest_invalid_param', 'Invalid parameter(s): per_page')
      return
    }
    const include = searchParams.get('include')?.split(',').map(Number)
    const isVariations = name === 'variations' || searchParams.get('type') === 'variation'
    const listed = (isVariations ? this.variations : this.products).filter(({ id }) => include?.includes(id) ?? true)
    const start = (Number(searchParams.get('page') ?? 1) - 1) * size
    const total = listed.length + this.uncounted
    const totals = { 'x-wp-total': total, 'x-wp-totalpages': Math.ceil(total / size) }
    const fields = searchParams.get('_fields')?.split(',')
    const page = listed.slice(start, start + size).map((product) => selectFields(product, fields))
    const body = JSON.stringify(page)
    const etag = `"${createHash('sha1').update(body).digest('hex')}"`
    if (this.hasEtags && request.headers['if-none-match'] === etag) {
      this.unchanged++
      response.writeHead(304).end()
      return
    }
    response
      .writeHead(200, {
        'content-type': 'application/json; charset=UTF-8',
        'content-encoding': 'gzip',
        ...(this.hasTotals && totals),
        ...(this.hasEtags && { etag })
      })
      .end(gzipSync(body))
  }
}

function selectFields(product: WooProduct, fields: readonly string[] = Object.keys(product)): object {
  return Object.fromEntries(Object.entries(product).filter(([name]) => fields.includes(name)))
}

function sendError(response: ServerResponse, status: number, code: string, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=UTF-8' })
    .end(JSON.stringify({ code, message, data: { status } }))
}

/** Reads a shop without the pace of a real one. */
export async function readShop(t: Test, shop: WooCommerceShop, path = '') {
  const limits = { requests: 1000, period: 1000 }
  const reader = new SourceReader({ kind: 'woocommerce', url: `${shop.url}${path}`, currency: 'USD', limits })
  t.teardown(() => reader.close())
  const products: { externalId: string; variants: number }[] = []
  const summary = await reader.read([], new AbortController().signal, {
    startPage() {},
    async addBatch({ rows }) {
      for (const { externalId, fields } of rows) products.push({ externalId, variants: fields.variants.length })
    },
    endPage: () => ({ isRepeated: false })
  })
  return { summary, products }
}
