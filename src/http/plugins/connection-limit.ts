import type { ServerResponse } from 'node:http'
import { BlockList, type IPVersion, isIP, type Socket } from 'node:net'
import fp from 'fastify-plugin'
import { toNetwork } from '../client-network.js'

export interface ConnectionLimitOptions {
  /** Connections at a time. */
  max: number
  /** Addresses and networks (CIDR) of proxies. Each carries the requests of many clients. */
  trustedProxies: string[]
}

/** Milliseconds between two lines of the log about connections that are refused or closed. */
const LOG_INTERVAL = 60_000

/**
 * Limits the connections that are open at a time, and shares them out fairly by client: the network of the remote address. If
 * all are in use, a client that holds fewer than another takes one from the client that holds most. Otherwise its connection
 * is refused. Trusted proxies are not limited by what they hold.
 */
export const limitConnections = fp<ConnectionLimitOptions>(async (app, { max, trustedProxies }) => {
  const proxies = toBlockList(trustedProxies)
  const connections = new Connections()
  let loggedAt = Number.NEGATIVE_INFINITY

  // One more, as the server does not report the client of a connection that it refuses by itself.
  app.server.maxConnections = max + 1
  app.server.on('connection', (socket: Socket) => {
    // A client that is already gone has no address.
    const address = String(socket.remoteAddress)
    const client = toNetwork(address)
    const holder = isIP(address) && proxies.check(address, familyOf(address)) ? undefined : client
    if (connections.total >= max) {
      const heaviest = connections.heaviest()
      const held = connections.held(holder)
      // Taking the last one of two would only turn the two around.
      if (!heaviest || heaviest.held <= held + 1) {
        warn({ client, held }, 'all connections are in use: a new one is refused')
        socket.destroy()
        return
      }
      warn(heaviest, 'all connections are in use: one of the client that holds most is closed')
      const closing = connections.leastUseful(heaviest.client)
      connections.delete(heaviest.client, closing)
      closing.destroy()
    }
    connections.add(holder, socket)
    socket.once('close', () => connections.delete(holder, socket))
  })

  function warn(concerned: { client: string; held: number }, message: string): void {
    if (performance.now() - loggedAt < LOG_INTERVAL) return
    loggedAt = performance.now()
    app.log.warn({ ...concerned, connections: max }, message)
  }
})

/** Key of the proxies, all of which are left out of the comparison. */
type Holder = string | undefined

/** Open connections by the client that holds them. Each method but `leastUseful` takes constant time. */
class Connections {
  total = 0
  /** The connections of each client, the oldest first. */
  readonly #byHolder = new Map<Holder, Set<Socket>>()
  /** The clients that hold as many connections as the index says. */
  readonly #byCount: Set<string>[] = []
  /** The most that a client holds. */
  #most = 0

  /** Returns how many connections a client holds; 0 for proxies. */
  held(holder: Holder): number {
    return holder === undefined ? 0 : (this.#byHolder.get(holder)?.size ?? 0)
  }

  add(holder: Holder, socket: Socket): void {
    const sockets = this.#byHolder.get(holder) ?? new Set()
    this.#byHolder.set(holder, sockets.add(socket))
    this.total++
    this.#move(holder, sockets.size - 1, sockets.size)
  }

  /** Does nothing if the connection was deleted before. */
  delete(holder: Holder, socket: Socket): void {
    const sockets = this.#byHolder.get(holder)
    if (!sockets?.delete(socket)) return
    if (sockets.size === 0) this.#byHolder.delete(holder)
    this.total--
    this.#move(holder, sockets.size + 1, sockets.size)
  }

  /** Returns a client that holds most connections; undefined if only proxies hold any. */
  heaviest(): { client: string; held: number } | undefined {
    const [client] = this.#byCount[this.#most] ?? []
    return client === undefined ? undefined : { client, held: this.#most }
  }

  /** Returns the oldest connection of a client without a request under way, or the oldest if each has one. */
  leastUseful(client: string): Socket {
    const sockets = [...(this.#byHolder.get(client) as Set<Socket>)]
    return sockets.find((socket) => !hasRequest(socket)) ?? (sockets[0] as Socket)
  }

  #move(holder: Holder, from: number, to: number): void {
    if (holder === undefined) return
    this.#byCount[from]?.delete(holder)
    this.#byCount[to] ??= new Set()
    if (to > 0) this.#byCount[to].add(holder)
    // It changes by one at a time, so the next lower one cannot be empty.
    if (to > this.#most) this.#most = to
    else if (this.#byCount[this.#most]?.size === 0) this.#most--
  }
}

/** Whether a request was received whose response has not been sent yet. Node.js keeps the response at the connection meanwhile. */
const hasRequest = (socket: Socket & { _httpMessage?: ServerResponse | null }) => Boolean(socket._httpMessage)

function toBlockList(networks: string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    if (bits === undefined) list.addAddress(address, familyOf(address))
    else list.addSubnet(address, Number(bits), familyOf(address))
  }
  return list
}

/** Returns the family of a valid IP address. */
const familyOf = (address: string) => `ipv${isIP(address)}` as IPVersion
