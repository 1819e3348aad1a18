import { roleScopes, type Scope } from '../../schemas/auth.js'
import { ProblemError } from '../problems.js'
import type { AccountStore } from '../store/accounts.js'
import { hashPassword, randomPassword, verifyPassword } from './passwords.js'

/** There is no account, and none can be made without a password. */
export class FirstAccountError extends Error {
  override name = 'FirstAccountError'
}

/** Who may sign in. */
export class Accounts {
  readonly #store: AccountStore
  /** The newest attempt for each name, which never fails. */
  readonly #underWay = new Map<string, Promise<void>>()

  constructor(store: AccountStore) {
    this.#store = store
  }

  /**
   * Makes the first account where there is none.
   * @returns The password that was made for it, where none was given.
   * @throws {FirstAccountError} where none was given in production.
   */
  async ensureFirst(username: string, password: string | undefined, production: boolean): Promise<string | undefined> {
    if ((await this.#store.list()).length > 0) return undefined
    if (password === undefined && production) {
      throw new FirstAccountError('ADMIN_PASSWORD must be set: there is no account yet, and NODE_ENV is production')
    }
    const chosen = password ?? randomPassword()
    const added = await this.#store.add(username, 'admin', await hashPassword(chosen))
    return added && password === undefined ? chosen : undefined
  }

  /**
   * Checks a username and its password.
   * @throws {ProblemError} `wrong-credentials`, or `too-many-attempts` while the name is locked.
   */
  async signIn(username: string, password: string): Promise<SignedIn> {
    // One after the other for each name: those that are right must not count as failures of each other.
    const before = this.#underWay.get(username) ?? Promise.resolve()
    const attempt = before.then(() => this.#attempt(username, password))
    const settled = attempt.then(
      () => {},
      () => {}
    )
    this.#underWay.set(username, settled)
    try {
      return await attempt
    } finally {
      if (this.#underWay.get(username) === settled) this.#underWay.delete(username)
    }
  }

  async #attempt(username: string, password: string): Promise<SignedIn> {
    const locked = await this.#store.countAttempt(username)
    if (locked > 0) {
      const seconds = Math.ceil(locked / 1000)
      throw new ProblemError('too-many-attempts', `Try again in ${seconds} seconds.`, {
        headers: { 'retry-after': seconds }
      })
    }
    const account = await this.#store.credentials(username)
    if (!(await verifyPassword(password, account?.hash)) || !account) {
      throw new ProblemError('wrong-credentials', undefined, { headers: { 'www-authenticate': CHALLENGE } })
    }
    await this.#store.forgetFailures(username)
    return { username, generation: account.generation, scopes: roleScopes[account.role] }
  }
}

/** An account whose password was right, and what its tokens say of it. */
export interface SignedIn {
  username: string
  generation: string
  scopes: readonly Scope[]
}

/** How to authenticate, RFC 6750. */
export const CHALLENGE = 'Bearer realm="product-catalog"'
