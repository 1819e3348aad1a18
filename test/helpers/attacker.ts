import { Agent, request as sendRequest } from 'node:http'
import type { Test } from 'tap'
import type { TestApp } from './app.js'

/** Time after which a request counts as hanging, in milliseconds. */
const TIMEOUT_MS = 10_000

/** Media types that browsers do not render as a page. `nosniff` keeps them from guessing another type. */
const HARMLESS = /^(application\/(problem\+)?json|application\/x-ndjson|text\/csv|text\/event-stream)(;|$)/

export interface Attack {
  method?: string
  path: string
  headers?: Record<string, string | string[]>
  body?: string | Buffer
}

export interface Outcome {
  status: number
  headers: NodeJS.Dict<string | string[]>
  text: string
  /** Parsed JSON of the body. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests read bodies of any shape
  body: any
}

/** Sends malicious requests, and checks what must hold for every response. */
export class Attacker {
  readonly #app: TestApp
  readonly #token: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 })
  #sent = 0
  /** Violations found in responses. */
  readonly violations: string[] = []
  /** Time of the slowest response, in milliseconds. */
  slowest = 0
  /** Number of responses by status. */
  readonly statuses: Record<number, number> = {}

  private constructor(app: TestApp, token: string) {
    this.#app = app
    this.#token = token
  }

  /** @param app A service that trusts 127.0.0.1 as a proxy. Each request claims another address, to stay below the limits. */
  static async create(t: Test, app: TestApp): Promise<Attacker> {
    const attacker = new Attacker(app, await app.token())
    t.teardown(() => attacker.#agent.destroy())
    return attacker
  }

  /** Sends a request, as the admin unless the headers say otherwise. */
  async send({ method = 'GET', path, headers = {}, body }: Attack): Promise<Outcome> {
    const what = `${method} ${path.slice(0, 200)} ${JSON.stringify(headers).slice(0, 200)} ${String(body ?? '').slice(0, 200)}`
    const n = ++this.#sent
    const begun = performance.now()
    const outcome = await new Promise<Outcome>((resolve, reject) => {
      const outgoing = sendRequest(
        `${this.#app.url}/`,
        {
          path,
          method,
          agent: this.#agent,
          timeout: TIMEOUT_MS,
          headers: {
            authorization: `Bearer ${this.#token}`,
            'x-forwarded-for': `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
            ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
            ...headers
          }
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            const type = String(response.headers['content-type'] ?? '')
            const isJson = text !== '' && /[/+]json/.test(type)
            const status = response.statusCode as number
            resolve({ status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined })
          })
        }
      )
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no response: ${what}`)))
      outgoing.on('error', (error) => reject(new Error(`${error.message}: ${what}`)))
      outgoing.end(body)
    })
    this.slowest = Math.max(this.slowest, performance.now() - begun)
    this.#checkRules(outcome, what)
    return outcome
  }

  #checkRules({ status, headers, text }: Outcome, what: string): void {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1
    if (status >= 500) this.violations.push(`${status}: ${what}`)
    if (headers['x-content-type-options'] !== 'nosniff') this.violations.push(`may be sniffed: ${what}`)
    if (text !== '' && !HARMLESS.test(String(headers['content-type']))) {
      this.violations.push(`${headers['content-type']}: ${what}`)
    }
    for (const name of Object.keys(headers)) if (/injected/.test(name)) this.violations.push(`${name}: ${what}`)
  }

  /** Checks that no response violated a rule, and that no prototype of this process, which the service shares, is polluted. */
  check(t: Test): void {
    t.strictSame(this.violations, [])
    t.comment(this.statuses)
    const inherited: string[] = []
    for (const name in {}) inherited.push(name)
    t.strictSame(inherited, [], 'no prototype is polluted')
    t.equal(Object({}).polluted, undefined)
  }
}
