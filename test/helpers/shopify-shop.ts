import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Test } from 'tap'

export interface ShopifyProduct {
  id: number
  [field: string]: unknown
}

const read = async (name: string) => await readFile(`test/helpers/fixtures/${name}`, 'utf8')

/** The products of the fixture: one with two variants, and one without options. */
export const fixtureProducts = (JSON.parse(await read('shopify-page-1.json')) as { products: ShopifyProduct[] })
  .products
const endPage = await read('shopify-page-2-end.json')
const wall = await read('shopify-wall.json')

/** Returns a product in the format of a storefront. */
export const shopifyProduct = (id: number): ShopifyProduct => ({ ...fixtureProducts[1], id, handle: `product-${id}` })

/** A shop on loopback that behaves like a Shopify storefront. */
export class ShopifyShop {
  products: ShopifyProduct[]
  /** Positions of products that the shop counts, but does not show. They make pages short. */
  hidden = new Set<number>()
  /** Replaces the responses, if set. */
  answer: RequestListener | undefined
  readonly requests: string[] = []
  readonly #server: Server

  private constructor(products: ShopifyProduct[]) {
    this.products = products
    this.#server = createServer((request, response) => {
      this.requests.push(request.url as string)
      if (this.answer) this.answer(request, response)
      else this.#serve(request, response)
    })
  }

  static async start(t: Test, products: ShopifyProduct[]): Promise<ShopifyShop> {
    const shop = new ShopifyShop(products)
    await new Promise<void>((resolve) => shop.#server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => {
      shop.#server.closeAllConnections()
      shop.#server.close()
    })
    return shop
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get url(): string {
    return `${this.origin}/products.json`
  }

  #serve: RequestListener = (request, response) => {
    const { pathname, searchParams } = new URL(request.url as string, this.origin)
    if (!pathname.endsWith('/products.json')) {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>')
      return
    }
    // A higher limit is lowered silently.
    const limit = Math.min(Number(searchParams.get('limit') ?? 30), 250)
    const page = Number(searchParams.get('page') ?? 1)
    const start = (page - 1) * limit
    const products = this.products.slice(start, start + limit).filter((_, i) => !this.hidden.has(start + i))
    const isRejected = page * limit > 25_000
    const body = isRejected ? wall : start >= this.products.length ? endPage : JSON.stringify({ products })
    response
      .writeHead(isRejected ? 400 : 200, {
        'content-type': 'application/json; charset=utf-8',
        'content-encoding': 'gzip'
      })
      .end(gzipSync(body))
  }
}
