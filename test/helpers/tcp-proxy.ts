import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A TCP proxy that can block silently: it drops all data without closing connections, as in a network partition. */
export class TcpProxy {
  readonly #sockets = new Set<Socket>()
  #isBlocked = false
  #port = 0

  /** @param to Target port. */
  static async open(t: Test, to: number): Promise<TcpProxy> {
    const proxy = new TcpProxy()
    const server = createServer((near) => {
      const far = connect(to, '127.0.0.1')
      for (const [from, into] of [
        [near, far],
        [far, near]
      ] as const) {
        proxy.#sockets.add(from)
        if (proxy.#isBlocked) from.pause()
        from.on('data', (bytes) => into.write(bytes))
        from.on('error', () => into.destroy())
        from.on('close', () => {
          proxy.#sockets.delete(from)
          into.destroy()
        })
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    proxy.#port = (server.address() as AddressInfo).port
    t.teardown(async () => {
      for (const socket of proxy.#sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    })
    return proxy
  }

  get port(): number {
    return this.#port
  }

  block(): void {
    this.#isBlocked = true
    for (const socket of this.#sockets) socket.pause()
  }

  unblock(): void {
    this.#isBlocked = false
    for (const socket of this.#sockets) socket.resume()
  }
}
