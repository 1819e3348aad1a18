import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type { Test } from 'tap'

const FOLDER = 'test/helpers/fixtures'

/** The feeds of the fixtures, by their file. */
export const feeds = {
  rss: await readFile(`${FOLDER}/google-rss.xml`, 'utf8'),
  atom: await readFile(`${FOLDER}/google-atom.xml`, 'utf8'),
  tsv: await readFile(`${FOLDER}/google.tsv`, 'utf8'),
  csv: await readFile(`${FOLDER}/meta.csv`, 'utf8')
}

/** An RSS feed with these items: XML, or the texts of their elements. */
export const toRss = (items: readonly (string | Record<string, string>)[]): string =>
  `<?xml version="1.0"?>\n<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Shop</title>\n${items
    .map((item) => `<item>${typeof item === 'string' ? item : toElements(item)}</item>\n`)
    .join('')}</channel></rss>\n`

/** An Atom feed. */
export const toAtom = (items: readonly Record<string, string>[]): string =>
  `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>Shop</title>${items
    .map((item) => `<entry>${toElements(item)}</entry>`)
    .join('')}</feed>`

/** A table with a column for each field of the first item. */
export const toTable = (items: readonly Record<string, string>[], separator: string): string => {
  const names = Object.keys(items[0] ?? {})
  const quote = (cell = '') => (/["\n,\t;]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
  return [names, ...items.map((item) => names.map((name) => item[name]))]
    .map((cells) => `${cells.map(quote).join(separator)}\n`)
    .join('')
}

const escapeText = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const toElements = (item: Record<string, string>) =>
  Object.entries(item)
    .map(([name, text]) => `<g:${name}>${escapeText(text)}</g:${name}>`)
    .join('')

/** Fields of an item that is not in a group. */
export const feedItem = (id: string, more: Record<string, string> = {}): Record<string, string> => ({
  id,
  title: `Product ${id}`,
  price: '19.90 EUR',
  availability: 'in_stock',
  ...more
})

/** A way in which a response ends before the feed does. */
export type Ending = 'complete' | 'broken' | 'closed'

/** A server on loopback that sends a feed. */
export class FeedServer {
  body: string | Uint8Array
  headers: Record<string, string> = { 'content-type': 'application/octet-stream' }
  /** Replaces the responses, if set. */
  answer: RequestListener | undefined
  requests = 0
  readonly #server: Server

  private constructor(body: string | Uint8Array) {
    this.body = body
    this.#server = createServer((request, response) => {
      this.requests++
      if (this.answer) this.answer(request, response)
      else response.writeHead(200, this.headers).end(this.body)
    })
  }

  static async start(t: Test, body: string | Uint8Array = ''): Promise<FeedServer> {
    const server = new FeedServer(body)
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => {
      server.#server.closeAllConnections()
      server.#server.close()
    })
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/feed`
  }

  /**
   * Sends only the start of a body from now on: as a complete response, with a connection that breaks, or in a response that ends when the
   * connection closes.
   */
  truncate(bytes: Uint8Array, length: number, ending: Ending): void {
    const start = bytes.subarray(0, length)
    this.answer = (request, response) => {
      if (ending === 'complete') response.writeHead(200, this.headers).end(start)
      else if (ending === 'closed') {
        request.socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n')
        request.socket.end(start)
      } else {
        response.writeHead(200, { ...this.headers, 'content-length': bytes.length })
        if (start.length === 0) response.flushHeaders()
        response.write(start, () => request.socket.destroy())
      }
    }
  }

  /** Sends the chunks of a feed from now on, as fast as the client reads them. */
  stream(chunks: () => Iterable<string>): void {
    this.answer = (_request, response) => {
      response.writeHead(200, this.headers)
      Readable.from(chunks()).pipe(response)
    }
  }
}
