import { EventEmitter, once } from 'node:events'
import { Agent, fetch, type Response } from 'undici'
import type { Change } from '../../schemas/change.js'
import type { TestApp } from './app.js'

/** A reader of the change stream, which the test can cut off at any byte. */
export class EventReader {
  readonly changes: Change[] = []
  /** Comments and events without data. */
  readonly comments: string[] = []
  /** Id of the last event. */
  lastId: string | undefined
  readonly response: Response
  readonly ended: Promise<void>
  readonly #arrivals = new EventEmitter()
  readonly #abort: AbortController
  /** Its own. After an abort, the shared one of Node.js may open a connection without a request, and the stop of an app waits for it. */
  readonly #agent: Agent

  private constructor(response: Response, abort: AbortController, agent: Agent) {
    this.response = response
    this.#abort = abort
    this.#agent = agent
    this.ended = this.#read()
  }

  /** @param last Id of the last received event. */
  static async open(app: TestApp, path = '/changes', last?: string, token?: string): Promise<EventReader> {
    const abort = new AbortController()
    const dispatcher = new Agent()
    const response = await fetch(`${app.url}${path}`, {
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${token ?? (await app.token())}`,
        ...(last !== undefined && { 'last-event-id': last })
      },
      signal: abort.signal,
      dispatcher
    })
    return new EventReader(response, abort, dispatcher)
  }

  /** Waits until a number of changes has arrived. */
  async received(count: number): Promise<void> {
    while (this.changes.length < count) await once(this.#arrivals, 'event')
  }

  /** Waits until a number of comments and events without data has arrived. */
  async commented(count: number): Promise<void> {
    while (this.comments.length < count) await once(this.#arrivals, 'event')
  }

  cut(): Promise<void> {
    this.#abort.abort()
    return this.ended
  }

  async #read(): Promise<void> {
    let text = ''
    try {
      for await (const chunk of (this.response.body as ReadableStream).pipeThrough(new TextDecoderStream())) {
        text += chunk
        const events = text.split('\n\n')
        // The last part is incomplete.
        text = events.pop() as string
        for (const event of events) {
          this.#take(event)
          this.#arrivals.emit('event')
        }
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error
    } finally {
      await this.#agent.destroy()
    }
  }

  #take(event: string): void {
    const lines = new Map(event.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]))
    this.lastId = lines.get('id') ?? this.lastId
    if (lines.has('data')) {
      const change = JSON.parse(lines.get('data') as string) as Change
      if (
        !new RegExp(`^[\\w-]{8}\\.${change.revision}$`).test(lines.get('id') as string) ||
        lines.get('event') !== 'change'
      )
        throw new Error(event)
      this.changes.push(change)
    } else this.comments.push(event)
  }
}
