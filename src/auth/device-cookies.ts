import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { StateCache } from '../store/state-cache.js'

/** Name of the cookie. */
export const DEVICE_COOKIE = 'device'
/** Seconds that a device keeps the cookie. */
export const DEVICE_COOKIE_TTL = 31_536_000

/** Sets the derived key apart from every other use of the same secret (RFC 5869, `info`). */
const PURPOSE = 'product-catalog device cookie'
const NONCE_BYTES = 16
/** Nonce and authentication code, both base64url. The code covers the username, so the cookie need not reveal it. */
const FORM = /^(?<nonce>[\w-]{22})\.(?<code>[\w-]{43})$/

/** An account as it is until its password changes. */
interface AccountGeneration {
  username: string
  generation: string
}

/**
 * Cookies that recognize devices on which an account has signed in (OWASP, "Slow Down Online Guessing Attacks with Device
 * Cookies"). They authenticate nobody: a sign-in that carries one is still checked, but its failures are counted apart.
 */
export class DeviceCookies {
  readonly #snapshot: StateCache

  constructor(snapshot: StateCache) {
    this.#snapshot = snapshot
  }

  /** Returns the value of a new cookie. */
  async issue(account: AccountGeneration): Promise<string> {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url')
    return `${nonce}.${await this.#authenticate(account, nonce)}`
  }

  /**
   * Returns the nonce of a cookie that was issued for the account since its password last changed. Returns undefined for
   * any other value.
   */
  async verify(value: string, account: AccountGeneration): Promise<string | undefined> {
    const { nonce, code } = FORM.exec(value)?.groups ?? {}
    if (nonce === undefined || code === undefined) return undefined
    const expected = await this.#authenticate(account, nonce)
    return timingSafeEqual(Buffer.from(code), Buffer.from(expected)) ? nonce : undefined
  }

  async #authenticate({ username, generation }: AccountGeneration, nonce: string): Promise<string> {
    const { cursorKey } = this.#snapshot.current() ?? (await this.#snapshot.read())
    const key = Buffer.from(hkdfSync('sha256', cursorKey, '', PURPOSE, 32))
    return createHmac('sha256', key)
      .update(JSON.stringify([username, generation, nonce]))
      .digest('base64url')
  }
}
