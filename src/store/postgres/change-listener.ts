import type { Client } from 'pg'
import type { ConnectionReport } from '../database.js'
import { isQueryTimeout, isUnreachable } from '../error-kinds.js'

/** Milliseconds until the listener reconnects after it has lost the connection. */
const RETRY_INTERVAL_MS = 1000
/** Milliseconds between two tests of an idle connection. */
const HEARTBEAT_INTERVAL_MS = 2000

/** The channel on which triggers of the database report writes to the rows that processes cache. */
export const CHANNEL = 'product_catalog'

/** Counts the writes of all processes. The server reports them on a separate connection (LISTEN and NOTIFY). */
export class ChangeListener {
  /** Whether the server is known to be unreachable: it does not respond, or a reconnect has failed. */
  isUnreachable = false
  readonly #createClient: () => Client
  readonly #onUnreachable: () => void
  readonly #report: ConnectionReport
  /** Whether the current loss of the connection was reported. */
  #isLossReported = false
  #version = 0
  /** Whether the connection receives notifications. */
  #isListening = false
  /** Ends the current pause early. */
  #wake = (): void => {}
  /** The loop that keeps the connection open. Settles after `close`. */
  #loop: Promise<void> | undefined
  #isClosed = false

  /** @param onUnreachable Called when the server becomes unreachable. */
  constructor(createClient: () => Client, onUnreachable: () => void, report: ConnectionReport) {
    this.#createClient = createClient
    this.#onUnreachable = onUnreachable
    this.#report = report
  }

  /** Returns the number of writes. @throws while there is no connection, because other processes may write unnoticed. */
  version(): number {
    this.#loop ??= this.#run()
    if (!this.#isListening) throw new Error('The database is not connected.')
    return this.#version
  }

  /** Counts a write by this process. */
  increment(): void {
    this.#version++
  }

  /** Closes the connection, even while it is being opened: it would keep the process alive. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#wake()
    await this.#loop
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      await this.#listen()
      await this.#pause(RETRY_INTERVAL_MS)
    }
  }

  /** Opens a connection and listens until it is lost. */
  async #listen(): Promise<void> {
    let hasListened = false
    const client = this.#createClient()
    client.on('notification', () => this.increment())
    // The failed query throws the same error.
    client.on('error', () => {})
    client.on('end', () => {
      this.#isListening = false
      this.#wake()
    })
    try {
      await client.connect()
      await client.query(`listen ${CHANNEL}`)
      // Other processes may have written before the connection received notifications.
      this.increment()
      this.#isListening = true
      this.isUnreachable = false
      hasListened = true
      if (this.#isLossReported) this.#report('regained')
      this.#isLossReported = false
      while (!this.#isClosed) {
        await this.#pause(HEARTBEAT_INTERVAL_MS)
        await client.query('select 1')
      }
    } catch (error) {
      if (!this.#isLossReported && !this.#isClosed) this.#report('lost', error as Error)
      this.#isLossReported = true
      // A server that closed the connection or has too many connections may still be reachable. The next attempt shows whether it is.
      if (hasListened ? isQueryTimeout(error) : isUnreachable(error)) {
        this.isUnreachable = true
        this.#onUnreachable()
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
