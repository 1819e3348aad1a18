import { createServer, type IncomingHttpHeaders, type RequestListener, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface RecordedRequest {
  /** Method and address, such as `GET /products`. */
  line: string
  headers: IncomingHttpHeaders
}

/** A reverse proxy on loopback that records requests, and can replace responses and break connections. */
export class Gateway {
  /** All requests, in order. */
  readonly requests: RecordedRequest[] = []
  /** Responses to the next requests, instead of those of the service. */
  readonly nextResponses: RequestListener[] = []
  /** Returns the response to a request, instead of that of the service; undefined to pass the request on. */
  override: ((line: string) => RequestListener | undefined) | undefined
  readonly #server: Server
  readonly #waiting = new Set<() => void>()

  private constructor(target: string) {
    this.#server = createServer((incoming, outgoing) => {
      this.requests.push({ line: `${incoming.method} ${incoming.url}`, headers: incoming.headers })
      for (const check of this.#waiting) check()
      const respond = this.override?.(`${incoming.method} ${incoming.url}`) ?? this.nextResponses.shift()
      if (respond) {
        respond(incoming, outgoing)
        return
      }
      const { method, headers } = incoming
      const passed = request(`${target}${incoming.url}`, { method: method as string, headers }, (response) => {
        outgoing.writeHead(response.statusCode as number, response.headers)
        outgoing.flushHeaders()
        response.pipe(outgoing)
      })
      passed.on('error', () => outgoing.destroy())
      outgoing.on('close', () => passed.destroy())
      incoming.pipe(passed)
    })
  }

  /** Resolves when a request matches, also if it has already arrived. */
  arrived(matches: (request: RecordedRequest) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!this.requests.some(matches)) return
        this.#waiting.delete(check)
        resolve()
      }
      this.#waiting.add(check)
      check()
    })
  }

  /** Opens a gateway on a free port. Closes it when the test ends. */
  static async open(t: Test, target: string): Promise<Gateway> {
    const gateway = new Gateway(target)
    await new Promise<void>((resolve) => gateway.#server.listen(0, '127.0.0.1', resolve))
    t.teardown(async () => {
      gateway.cut()
      await new Promise((resolve) => gateway.#server.close(resolve))
    })
    return gateway
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Returns the request lines since the last call. */
  take(): string[] {
    return this.requests.splice(0).map(({ line }) => line)
  }

  /** Breaks all connections. */
  cut(): void {
    this.#server.closeAllConnections()
  }
}

/** Creates a response that does not come from the service. */
export const respondWith =
  (status: number, headers: Record<string, string> = {}, body = ''): RequestListener =>
  (incoming, outgoing) => {
    incoming.resume()
    outgoing.writeHead(status, headers).end(body)
  }
