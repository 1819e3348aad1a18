import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { StateCache } from '../store/state-cache.js'

export const DEVICE_COOKIE = 'device'
/** Lifetime of the cookie, in seconds. */
export const DEVICE_COOKIE_TTL = 31_536_000

/** Purpose of the derived key (RFC 5869, `info`). It separates the key from other keys that are derived from the same secret. */
const PURPOSE = 'product-catalog device cookie'
const NONCE_BYTES = 16
/** Nonce and authentication code, both base64url. The code covers the username, so the cookie does not contain it. */
const COOKIE = /^(?<nonce>[\w-]{22})\.(?<code>[\w-]{43})$/

/** An account with the current generation of its password. Each new password starts a new generation. */
interface AccountGeneration {
  username: string
  generation: string
}

/**
 * Issues and verifies cookies that identify devices on which an account has signed in (OWASP, "Slow Down Online Guessing Attacks with
 * Device Cookies"). A cookie does not replace the password. Failed sign-ins on the device are counted separately.
 */
export class DeviceCookies {
  readonly #stateCache: StateCache

  constructor(stateCache: StateCache) {
    this.#stateCache = stateCache
  }

  /** Returns the value of a new cookie. */
  async issue(account: AccountGeneration): Promise<string> {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url')
    return `${nonce}.${await this.#authenticate(account, nonce)}`
  }

  /**
   * Returns the nonce of a cookie if the cookie was issued for the account after its last password change. Returns undefined for any other
   * value.
   */
  async verify(value: string, account: AccountGeneration): Promise<string | undefined> {
    const { nonce, code } = COOKIE.exec(value)?.groups ?? {}
    if (nonce === undefined || code === undefined) return undefined
    const expected = await this.#authenticate(account, nonce)
    return timingSafeEqual(Buffer.from(code), Buffer.from(expected)) ? nonce : undefined
  }

  async #authenticate({ username, generation }: AccountGeneration, nonce: string): Promise<string> {
    const { cursorKey } = this.#stateCache.current() ?? (await this.#stateCache.read())
    const key = Buffer.from(hkdfSync('sha256', cursorKey, '', PURPOSE, 32))
    return createHmac('sha256', key)
      .update(JSON.stringify([username, generation, nonce]))
      .digest('base64url')
  }
}
