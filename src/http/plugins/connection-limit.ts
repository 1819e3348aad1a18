import type { ServerResponse } from 'node:http'
import { BlockList, type IPVersion, isIP, type Socket } from 'node:net'
import fp from 'fastify-plugin'
import { toNetwork } from '../client-network.js'

export interface ConnectionLimitOptions {
  /** Maximum number of open connections. */
  max: number
  /** Addresses and networks (CIDR) of proxies, which send the requests of many clients. */
  trustedProxies: string[]
}

/** Milliseconds between two log lines about refused or closed connections. */
const LOG_INTERVAL = 60_000

/**
 * Limits the number of open connections and divides them fairly among clients, identified by the network of their remote address. If all
 * connections are in use, the new connection of a client with fewer replaces one of the client with the most. Otherwise the service refuses
 * the new connection. It never closes connections of trusted proxies for other clients.
 */
export const limitConnections = fp<ConnectionLimitOptions>(async (app, { max, trustedProxies }) => {
  const proxies = toBlockList(trustedProxies)
  const connections = new Connections()
  let loggedAt = Number.NEGATIVE_INFINITY

  // One above the limit, because Node.js refuses further connections before this plugin sees them.
  app.server.maxConnections = max + 1
  app.server.on('connection', (socket: Socket) => {
    // A client that has already disconnected has no address.
    const address = String(socket.remoteAddress)
    const client = toNetwork(address)
    const holder = isIP(address) && proxies.check(address, familyOf(address)) ? undefined : client
    if (connections.total >= max) {
      const heaviest = connections.heaviest()
      const held = connections.held(holder)
      // With a difference of one, closing a connection would only swap the two clients.
      if (!heaviest || heaviest.held <= held + 1) {
        warn({ client, held }, 'all connections are in use: refused a new one')
        socket.destroy()
        return
      }
      warn(heaviest, 'all connections are in use: closed one of the client with the most')
      const closing = connections.leastUseful(heaviest.client)
      connections.delete(heaviest.client, closing)
      closing.destroy()
    }
    connections.add(holder, socket)
    socket.once('close', () => connections.delete(holder, socket))
  })

  function warn(details: { client: string; held: number }, message: string): void {
    if (performance.now() - loggedAt < LOG_INTERVAL) return
    loggedAt = performance.now()
    app.log.warn({ ...details, connections: max }, message)
  }
})

/** A client's network; undefined for trusted proxies, which are not compared. */
type Holder = string | undefined

/** Open connections by client. Every method except `leastUseful` takes constant time. */
class Connections {
  total = 0
  /** The connections of each client, oldest first. */
  readonly #byHolder = new Map<Holder, Set<Socket>>()
  /** The clients by their number of connections, which is the array index. */
  readonly #byCount: Set<string>[] = []
  /** The highest number of connections that one client has. */
  #highestCount = 0

  /** Returns the number of connections of a client; 0 for proxies. */
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

  /** Returns the client with the most connections; undefined if only proxies have any. */
  heaviest(): { client: string; held: number } | undefined {
    const [client] = this.#byCount[this.#highestCount] ?? []
    return client === undefined ? undefined : { client, held: this.#highestCount }
  }

  /** Returns the oldest connection of a client without an active request, or the oldest if all have one. */
  leastUseful(client: string): Socket {
    const sockets = [...(this.#byHolder.get(client) as Set<Socket>)]
    return sockets.find((socket) => !hasRequest(socket)) ?? (sockets[0] as Socket)
  }

  #move(holder: Holder, from: number, to: number): void {
    if (holder === undefined) return
    this.#byCount[from]?.delete(holder)
    this.#byCount[to] ??= new Set()
    if (to > 0) this.#byCount[to].add(holder)
    // Counts change by one, so the client that moved is in the set below.
    if (to > this.#highestCount) this.#highestCount = to
    else if (this.#byCount[this.#highestCount]?.size === 0) this.#highestCount--
  }
}

/** Whether a request was received whose response was not sent yet. Until then, Node.js stores the response on the socket. */
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
