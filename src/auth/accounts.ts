import { type Role, roleScopes, type Scope } from '../../schemas/auth.js'
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
   * @returns The scopes of the account.
   * @throws {ProblemError} `wrong-credentials`, or `too-many-attempts` while the name is locked.
   */
  async signIn(username: string, password: string): Promise<readonly Scope[]> {
    const locked = await this.#store.countAttempt(username)
    if (locked > 0) {
      const seconds = Math.ceil(locked / 1000)
      throw new ProblemError('too-many-attempts', `Try again in ${seconds} seconds.`, {
        headers: { 'retry-after': seconds }
      })
    }
    const account = await this.#store.passwordHash(username)
    if (!(await verifyPassword(password, account?.hash))) {
      throw new ProblemError('wrong-credentials', undefined, { headers: { 'www-authenticate': CHALLENGE } })
    }
    await this.#store.forgetFailures(username)
    return roleScopes[account?.role as Role]
  }
}

/** How to authenticate, RFC 6750. */
export const CHALLENGE = 'Bearer realm="product-catalog"'
