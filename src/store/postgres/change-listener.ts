import type { Client } from 'pg'
import type { ConnectionReport } from '../database.js'
import { isQueryTimeout, isUnreachable } from '../error-kinds.js'

/** Milliseconds until the listener reconnects after a loss. */
const RETRY = 1000
/** Milliseconds between two tests of an idle connection. */
const HEARTBEAT = 2000

/** The channel on which the triggers of the database report changes to rows that processes keep in memory. */
export const CHANNEL = 'product_catalog'

/** Counts writes by all processes, which the server reports on a connection of its own (LISTEN and NOTIFY). */
export class ChangeListener {
  /** Whether the server is known to be unreachable: it does not respond, or a reconnect has failed. */
  isUnreachable = false
  readonly #createClient: () => Client
  readonly #lost: () => void
  readonly #report: ConnectionReport
  /** Whether a loss was reported, and the connection is not back yet. */
  #isLost = false
  #version = 0
  /** Whether the connection receives notifications. */
  #isListening = false
  /** Ends the current pause early. */
  #wake = (): void => {}
  /** The loop that keeps the connection open. Settles after `close`. */
  #watching: Promise<void> | undefined
  #isClosed = false

  /** @param lost Called when the server becomes unreachable. */
  constructor(createClient: () => Client, lost: () => void, report: ConnectionReport) {
    this.#createClient = createClient
    this.#lost = lost
    this.#report = report
  }

  /** Returns the number of writes. @throws while it is not connected, as other processes may write unnoticed. */
  version(): number {
    this.#watching ??= this.#watch()
    if (!this.#isListening) throw new Error('the database is not connected')
    return this.#version
  }

  /** Counts a write by this process. */
  increment(): void {
    this.#version++
  }

  /** Ends the connection, even one that is still being opened: it would keep the process alive. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#wake()
    await this.#watching
  }

  async #watch(): Promise<void> {
    while (!this.#isClosed) {
      await this.#listen()
      await this.#pause(RETRY)
    }
  }

  /** Opens a connection and listens until it is lost. */
  async #listen(): Promise<void> {
    let hasListened = false
    const client = this.#createClient()
    client.on('notification', () => this.increment())
    // The query that fails reports the error.
    client.on('error', () => {})
    client.on('end', () => {
      this.#isListening = false
      this.#wake()
    })
    try {
      await client.connect()
      await client.query(`listen ${CHANNEL}`)
      // Notifications sent until now were missed.
      this.increment()
      this.#isListening = true
      this.isUnreachable = false
      hasListened = true
      if (this.#isLost) this.#report('regained')
      this.#isLost = false
      while (!this.#isClosed) {
        await this.#pause(HEARTBEAT)
        await client.query('select 1')
      }
    } catch (error) {
      if (!this.#isLost && !this.#isClosed) this.#report('lost', error as Error)
      this.#isLost = true
      // A server that closes a connection, or has none to spare, may still be reachable. The next attempt tells.
      if (hasListened ? isQueryTimeout(error) : isUnreachable(error)) {
        this.isUnreachable = true
        this.#lost()
      }
    }
    this.#isListening = false
    await client.end().catch(() => {})
  }

  async #pause(milliseconds: number): Promise<void> {
    if (this.#isClosed) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      timer = setTimeout(resolve, milliseconds).unref()
    })
    clearTimeout(timer)
  }
}
