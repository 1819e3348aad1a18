import { type Dispatcher, request } from 'undici'
import { readRejection } from './rejection.js'
import { readRetryAfter } from './retries.js'
import { type SourceAuth, toSecrets, toUserAndPassword } from './source-auth.js'
import { SourceError } from './source-error.js'
import { defaultLimits } from './source-limits.js'
import type { SignIn, SourceSettings } from './sources/source-kind.js'
import { WaitingLimit } from './waiting-limit.js'

/**
 * Milliseconds until the next sign-in after the source has rejected the credentials. It doubles with each rejection, up to the longest. A
 * faster client would lock the account, also for others behind the same address.
 */
const FIRST_PAUSE = 900_000
const LONGEST_PAUSE = 6 * 3_600_000
/** Maximum size of the response to a sign-in, in bytes. */
const RESPONSE_MAX = 65_536

/** A rejection of the credentials, and the time (of a clock that cannot be set) until which the session does not send them again. */
interface Rejection {
  error: SourceError
  until: number
  pause: number
}

/** The credentials of requests to a source: those of `SOURCE_AUTH` or, if the source has a sign-in, the token that it gives for them. */
export class SourceSession {
  readonly #auth: SourceAuth | undefined
  readonly #settings: SourceSettings
  readonly #signIn: SignIn | undefined
  readonly #timeoutMs: number
  readonly #now: () => number
  #token: SourceAuth | undefined
  /** The running sign-in. All requests that need a token share it. */
  #pending: Promise<SourceAuth> | undefined
  #rejection: Rejection | undefined

  /**
   * @param timeoutMs Limit of a sign-in, with its response.
   * @param now Returns milliseconds of a clock that cannot be set.
   */
  constructor(
    auth: SourceAuth | undefined,
    settings: SourceSettings,
    signIn: SignIn | undefined,
    timeoutMs: number = defaultLimits.response,
    now: () => number = () => performance.now()
  ) {
    this.#auth = auth
    this.#settings = settings
    this.#signIn = auth?.name === 'authorization' && toUserAndPassword(auth) ? signIn : undefined
    this.#timeoutMs = timeoutMs
    this.#now = now
  }

  /** Texts that no message may contain. */
  get secrets(): string[] {
    return [this.#auth, this.#token].flatMap((auth) => (auth ? toSecrets(auth) : []))
  }

  /**
   * Returns the header with the credentials; undefined if the source needs none. Signs in if necessary.
   * @param signal Ends the wait. A sign-in that others wait for goes on.
   * @throws {SourceError} if the source rejects the credentials, or has rejected them a short time ago.
   */
  async header(dispatcher: Dispatcher, signal: AbortSignal): Promise<SourceAuth | undefined> {
    if (!this.#signIn) return this.#auth
    if (this.#token) return this.#token
    this.#pending ??= this.#startSignIn(this.#signIn, dispatcher)
    return await unlessAborted(this.#pending, signal)
  }

  /**
   * Forgets a token that the source has refused.
   * @param used The header of the refused request.
   * @returns Whether the request may be sent again, with a new token.
   */
  renew(used: SourceAuth | undefined): boolean {
    if (!this.#signIn) return false
    if (this.#token === used) this.#token = undefined
    return true
  }

  async #startSignIn(signIn: SignIn, dispatcher: Dispatcher): Promise<SourceAuth> {
    const limit = new WaitingLimit(this.#timeoutMs, new AbortController().signal)
    try {
      return await limit.during(() => this.#requestToken(signIn, dispatcher, limit.signal))
    } finally {
      this.#pending = undefined
    }
  }

  async #requestToken(signIn: SignIn, dispatcher: Dispatcher, signal: AbortSignal): Promise<SourceAuth> {
    const { error, until = 0 } = this.#rejection ?? {}
    const left = until - this.#now()
    if (error && left > 0) throw new SourceError(error.reason, { detail: error.detail, retryAfter: left })
    const { user, password } = toUserAndPassword(this.#auth as SourceAuth) as { user: string; password: string }
    const { url, body } = signIn.request(this.#settings, user, password)
    const response = await request(url, {
      dispatcher,
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal
    })
    const { statusCode, headers } = response
    // The error of a connection that breaks later has no other listener.
    response.body.on('error', () => {})
    try {
      if (statusCode !== 200) {
        const reason = await readRejection(response.body, this.secrets)
        throw this.#toError(statusCode, reason, readRetryAfter(headers['retry-after']))
      }
      const token = signIn.readToken(await readJson(response.body))
      if (token === undefined || !TOKEN.test(token)) {
        const detail = 'the response to the sign-in has no token. Check SOURCE_URL and SOURCE_KIND'
        throw new SourceError('invalid', { detail })
      }
      this.#rejection = undefined
      this.#token = { name: 'authorization', value: `Bearer ${token}` }
      return this.#token
    } finally {
      response.body.destroy()
    }
  }

  #toError(statusCode: number, text: string | undefined, retryAfter = 0): SourceError {
    const given = text === undefined ? '' : ` (${text})`
    const isRejected = statusCode === 400 || statusCode === 401 || statusCode === 403
    if (!isRejected && statusCode !== 429)
      return new SourceError(`http-${statusCode}`, {
        detail: `the sign-in failed: http-${statusCode}${given}`,
        retryAfter
      })
    const pause = isRejected ? Math.min((this.#rejection?.pause || FIRST_PAUSE / 2) * 2, LONGEST_PAUSE) : retryAfter
    const detail = isRejected
      ? `the source rejected the user name or the password of SOURCE_AUTH: http-${statusCode}${given}. ` +
        'The service tries them again after 15 minutes, then less often. A restart tries them at once'
      : `the source accepts no sign-in now: http-${statusCode}${given}`
    const error = new SourceError(`http-${statusCode}`, { detail, retryAfter: pause })
    this.#rejection = { error, until: this.#now() + pause, pause: isRejected ? pause : (this.#rejection?.pause ?? 0) }
    return error
  }
}

/** Settles as the promise does, or rejects with the reason of the signal when that fires. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
  })
  return await Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', stop))
}

/** The characters of a token (RFC 6750). */
const TOKEN = /^[\w.~+/-]+=*$/

/** Returns undefined if the body is not JSON. @throws {SourceError} */
async function readJson(body: AsyncIterable<Uint8Array>): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > RESPONSE_MAX) throw new SourceError('too-large', { detail: 'the response to the sign-in is too large' })
    chunks.push(chunk)
  }
  try {
    return JSON.parse(new TextDecoder().decode(Buffer.concat(chunks)))
  } catch {
    return undefined
  }
}
