import { createHash } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A product source on loopback that answers as DummyJSON does. */
export class TestSource {
  products: unknown[]
  /** Answers instead of it, where it is set. */
  answer: RequestListener | undefined
  etags = true
  /** What each request waits for before it is answered, where it is set. */
  held: Promise<void> | undefined
  /** Each request that came, as its path and the condition it carried. */
  readonly requests: { url: string; condition: string | undefined; headers: NodeJS.Dict<string | string[]> }[] = []
  readonly #server: Server
  #port = 0

  constructor(products: unknown[]) {
    this.products = products
    this.#server = createServer(async (request, response) => {
      const url = request.url as string
      this.requests.push({ url, condition: request.headers['if-none-match'], headers: request.headers })
      await this.held
      if (this.answer) {
        this.answer(request, response)
        return
      }
      const query = new URL(url, 'http://source').searchParams
      const limit = Number(query.get('limit') ?? 30) || this.products.length
      const skip = Number(query.get('skip') ?? 0)
      const products = this.products.slice(skip, skip + limit)
      const body = JSON.stringify({ products, total: this.products.length, skip, limit: products.length })
      const etag = `W/"${createHash('sha1').update(body).digest('hex')}"`
      if (this.etags) response.setHeader('etag', etag)
      if (this.etags && request.headers['if-none-match'] === etag) {
        response.writeHead(304).end()
        return
      }
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(body)
    })
  }

  /** Listens on a free port. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Its address, also after it has closed. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
