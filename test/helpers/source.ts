import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** A product source on loopback that behaves like DummyJSON. */
export class TestSource {
  products: unknown[]
  /** Replaces the responses, if set. */
  answer: RequestListener | undefined
  etags = true
  /** Maximum page size, whatever the request says. */
  most = Number.POSITIVE_INFINITY
  /** Delays each response until it resolves, if set. */
  held: Promise<void> | undefined
  /** All requests: path and condition. */
  readonly requests: { url: string; condition: string | undefined; headers: NodeJS.Dict<string | string[]> }[] = []
  readonly server: Server
  #port = 0

  constructor(products: unknown[]) {
    this.products = products
    this.server = createServer(async (request, response) => {
      const url = request.url as string
      this.requests.push({ url, condition: request.headers['if-none-match'], headers: request.headers })
      await this.held
      if (this.answer) {
        this.answer(request, response)
        return
      }
      this.serve(request, response)
    })
  }

  /** Responds like DummyJSON. */
  serve(request: IncomingMessage, response: ServerResponse): void {
    const query = new URL(request.url as string, 'http://source').searchParams
    const limit = Math.min(Number(query.get('limit') ?? 30) || this.products.length, this.most)
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
  }

  /** Listens on a free port. After `close`, listens on the same port again. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (this.server.address() as AddressInfo).port
  }

  /** Address of the source, also after `close`. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

/** Starts an HTTPS server with a self-signed certificate. @returns Its address. */
export async function startSelfSignedServer(t: Test): Promise<string> {
  const files = ['-keyout', '-', '-out', '-']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost']
  const pem = execFileSync('openssl', ['req', '-x509', ...kind, ...files], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore']
  })
  const server = createSecureServer({ key: pem, cert: pem }, (_request, response) => response.end('{}'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return `https://localhost:${(server.address() as AddressInfo).port}`
}
