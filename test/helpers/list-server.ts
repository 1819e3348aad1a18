import { hash } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Test } from 'tap'

/** A page of a list. */
interface Page {
  body: unknown
  headers?: Record<string, string>
}
/** Returns the page that a platform sends. */
export type Platform = (records: readonly object[], query: URLSearchParams, origin: string) => Page

/** The whole list, as Fake Store sends it. */
export const wholeList: Platform = (records) => ({ body: records })

/** Pages by offset, as Platzi sends them: without a total, and empty at the end. */
export const offsetPages: Platform = (records, query) => {
  const offset = Number(query.get('offset') ?? 0)
  return { body: records.slice(offset, offset + Number(query.get('limit') ?? records.length)) }
}

/** Pages by number, as Magento sends them: for numbers past the end, it repeats the last page. */
export const numberedPages: Platform = (records, query) => {
  const size = Number(query.get('searchCriteria[pageSize]'))
  const last = Math.max(1, Math.ceil(records.length / size))
  const page = Math.min(Number(query.get('searchCriteria[currentPage]') ?? 1), last)
  const items = records.slice((page - 1) * size, page * size)
  return { body: { items, search_criteria: { page_size: size, current_page: page }, total_count: records.length } }
}

/** Returns a platform that sends an ETag with each page. */
export const withEtags =
  (platform: Platform): Platform =>
  (...request) => {
    const { body, headers } = platform(...request)
    return { body, headers: { ...headers, etag: `"${hash('sha256', JSON.stringify(body))}"` } }
  }

/** Pages with the address of the next one in the body, as BigCommerce sends them. */
export const nextPages: Platform = (records, query) => {
  const size = Number(query.get('limit') ?? 50)
  const page = Number(query.get('page') ?? 1)
  const data = records.slice((page - 1) * size, page * size)
  const links = page * size < records.length ? { next: `?page=${page + 1}&limit=${size}` } : {}
  return { body: { data, meta: { pagination: { total: records.length, links } } } }
}

/** Pages with the address of the next one in the header `Link`. */
export const linkedPages: Platform = (records, query, origin) => {
  const page = Number(query.get('page') ?? 1)
  const link = `<${origin}/products?page=1>; rel="first", <${origin}/products?page=${page + 1}>; rel="next"`
  const body = records.slice((page - 1) * 2, page * 2)
  return { body, headers: page * 2 < records.length ? { link } : {} }
}

/** A server on loopback with a list of records, or with a file. */
export class ListServer {
  records: readonly object[]
  platform: Platform
  /** Replaces the responses, if set. */
  answer: RequestListener | undefined
  readonly requests: string[] = []
  /** Number of requests whose ETag was still valid. */
  confirmed = 0
  readonly #server: Server

  private constructor(records: readonly object[], platform: Platform) {
    this.records = records
    this.platform = platform
    this.#server = createServer((request, response) => {
      this.requests.push(request.url as string)
      if (this.answer) {
        this.answer(request, response)
        return
      }
      const { searchParams } = new URL(request.url as string, this.origin)
      const { body, headers } = this.platform(this.records, searchParams, this.origin)
      if (headers?.etag !== undefined && headers.etag === request.headers['if-none-match']) {
        this.confirmed++
        response.writeHead(304, headers).end()
        return
      }
      response
        .writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-encoding': 'gzip', ...headers })
        .end(gzipSync(JSON.stringify(body)))
    })
  }

  static async start(t: Test, records: readonly object[], platform = wholeList): Promise<ListServer> {
    const server = new ListServer(records, platform)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => {
      server.#server.closeAllConnections()
      server.#server.close()
    })
    return server
  }

  /** Responds to all requests with a text. */
  send(text: string | Uint8Array, type = 'text/plain', headers: Record<string, string> = {}): void {
    this.answer = (_request, response) => response.writeHead(200, { 'content-type': type, ...headers }).end(text)
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get url(): string {
    return `${this.origin}/products`
  }
}
