import type { Token } from './generated/types.js'

/** The access token of an account. Signs in when a token is first needed, and again when it has expired. */
export class AccessToken {
  readonly #signIn: () => Promise<Token>
  #pendingSignIn: Promise<string> | undefined
  #token: string | undefined
  /** Milliseconds since 1970. */
  #expiresAt = 0

  constructor(signIn: () => Promise<Token>) {
    this.#signIn = signIn
  }

  /** Returns a valid token. Concurrent calls share one sign-in. */
  get(): Promise<string> {
    if (this.#token !== undefined && Date.now() < this.#expiresAt) return Promise.resolve(this.#token)
    this.#pendingSignIn ??= this.#renew().finally(() => {
      this.#pendingSignIn = undefined
    })
    return this.#pendingSignIn
  }

  /** The last token, if any. It may have expired. */
  get current(): string | undefined {
    return this.#token
  }

  /** Forgets a token that the service no longer accepts, unless a new one has replaced it. */
  drop(token: string): void {
    if (token === this.#token) this.#token = undefined
  }

  async #renew(): Promise<string> {
    // Counted from before the request, so that the token expires here no later than at the service.
    const now = Date.now()
    const { token, expiresIn } = await this.#signIn()
    this.#token = token
    this.#expiresAt = now + expiresIn * 1000
    return token
  }
}
