import type { Token } from './generated/types.js'

/** The token that requests are sent with. It is asked for when it is first needed, and anew when it has ended. */
export class AccessToken {
  readonly #signIn: () => Promise<Token>
  #signingIn: Promise<string> | undefined
  #token: string | undefined
  /** When it ends, in milliseconds since 1970. */
  #end = 0

  constructor(signIn: () => Promise<Token>) {
    this.#signIn = signIn
  }

  /** The token. All who need it while it is being asked for get the same. */
  get(): Promise<string> {
    if (this.#token !== undefined && Date.now() < this.#end) return Promise.resolve(this.#token)
    this.#signingIn ??= this.#renew().finally(() => {
      this.#signingIn = undefined
    })
    return this.#signingIn
  }

  /** The token that there is, without asking for one. */
  get current(): string | undefined {
    return this.#token
  }

  /** Forgets a token that is not taken any more, unless there is another one by now. */
  drop(token: string): void {
    if (token === this.#token) this.#token = undefined
  }

  async #renew(): Promise<string> {
    // From before it was made: its time is over sooner than the service thinks, and not later.
    const now = Date.now()
    const { token, expiresIn } = await this.#signIn()
    this.#token = token
    this.#end = now + expiresIn * 1000
    return token
  }
}
