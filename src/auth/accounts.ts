import { availableParallelism } from 'node:os'
import { roleScopes, type Scope } from '../../schemas/auth.js'
import { Admission, NotAdmittedError } from '../admission.js'
import { ProblemError } from '../problems.js'
import type { AccountStore } from '../store/accounts.js'
import { hashPassword, randomPassword, verifyPassword } from './passwords.js'

/** There is no account, and none can be made without a password. */
export class FirstAccountError extends Error {
  override name = 'FirstAccountError'
}

/**
 * Passwords that are checked at a time. Each keeps a core busy for some 30 milliseconds: one core is left to those who read, and
 * of the four threads that Node.js has for such work one to what compresses answers.
 */
const CHECKS_MAX = Math.min(3, Math.max(1, availableParallelism() - 1))
/** Sign-ins that wait for others, and milliseconds that they do at most: about as long as one core takes for all of them. */
const WAITING_MAX = 50
const WAIT = 3000
/** Seconds after which there may be room again. */
const RETRY_AFTER = 2

/** Who may sign in. */
export class Accounts {
  readonly #store: AccountStore
  readonly #admission = new Admission({ places: CHECKS_MAX, queue: WAITING_MAX, patience: WAIT })

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
   * @throws {ProblemError} `wrong-credentials`, `too-many-attempts` while the name is locked, or `too-many-sign-ins`.
   */
  async signIn(username: string, password: string): Promise<SignedIn> {
    try {
      // Of each name one after the other: those that are right must not count as failures of each other. And before anything is
      // written, so that a flood writes no more than is let in.
      return await this.#admission.admit(username, () => this.#attempt(username, password))
    } catch (error) {
      if (!(error instanceof NotAdmittedError)) throw error
      throw new ProblemError('too-many-sign-ins', `Try again in ${RETRY_AFTER} seconds.`, {
        headers: { 'retry-after': RETRY_AFTER }
      })
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
