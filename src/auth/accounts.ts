import { availableParallelism } from 'node:os'
import { roleScopes, type Scope } from '../../schemas/auth.js'
import { ProblemError } from '../http/problems.js'
import type { AccountStore } from '../store/accounts.js'
import type { Attempt, Client } from '../store/sign-in-attempts.js'
import { QueueFullError, WorkQueue } from '../support/work-queue.js'
import type { DeviceCookies } from './device-cookies.js'
import { hashPassword, randomPassword, verifyPassword } from './passwords.js'

/** Thrown if there is no account and none can be created: no password is set, or a generated one cannot be shown. */
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
  readonly #deviceCookies: DeviceCookies
  readonly #queue = new WorkQueue({ concurrency: CHECKS_MAX, maxQueued: WAITING_MAX, maxWaitMs: WAIT })

  constructor(store: AccountStore, deviceCookies: DeviceCookies) {
    this.#store = store
    this.#deviceCookies = deviceCookies
  }

  /**
   * Makes the first account if there is none.
   * @param announce Is told the password that was made for the account, if none was given. If it fails, no account is made.
   * @throws {FirstAccountError} if none was given in production.
   */
  async ensureFirstAccount(
    username: string,
    password: string | undefined,
    production: boolean,
    announce: ShowPassword
  ): Promise<void> {
    if ((await this.#store.list()).length > 0) return
    if (password === undefined && production) {
      throw new FirstAccountError('ADMIN_PASSWORD must be set: there is no account yet, and NODE_ENV is production')
    }
    const chosen = password ?? randomPassword()
    await this.#store.add(username, 'admin', await hashPassword(chosen), async () => {
      if (password === undefined) await announce(username, chosen)
    })
  }

  /**
   * Checks a username and its password.
   * @throws {ProblemError} `wrong-credentials`, `too-many-attempts` while the name is locked for the client, or
   *   `too-many-sign-ins`.
   */
  async signIn(username: string, password: string, origin: SignInOrigin): Promise<SignedIn> {
    try {
      // One at a time for each name and network: concurrent sign-ins with the right password must not count as failures of
      // each other. Waiting comes before any write, so a flood writes no more than is admitted.
      return await this.#queue.run(`${username} ${origin.network}`, () => this.#attempt(username, password, origin))
    } catch (error) {
      if (!(error instanceof QueueFullError)) throw error
      throw new ProblemError('too-many-sign-ins', `Try again in ${RETRY_AFTER} seconds.`, {
        headers: { 'retry-after': RETRY_AFTER }
      })
    }
  }

  async #attempt(username: string, password: string, { network, device }: SignInOrigin): Promise<SignedIn> {
    const account = await this.#store.credentials(username)
    const address: Client = `address:${network}`
    // A name without an account takes the same steps. No cookie is valid for it: an issued one never has an empty generation.
    const identity = { username, generation: account?.generation ?? '' }
    const nonce = device === undefined ? undefined : await this.#deviceCookies.verify(device, identity)
    const attempt = await this.#countAttempt(username, nonce === undefined ? [address] : [`device:${nonce}`, address])
    if (!(await verifyPassword(password, account?.hash)) || !account) {
      throw new ProblemError('wrong-credentials', undefined, { headers: { 'www-authenticate': CHALLENGE } })
    }
    await this.#store.recordSuccess(attempt, address)
    return { ...identity, scopes: roleScopes[account.role], device: await this.#deviceCookies.issue(identity) }
  }

  /**
   * Counts the attempt under the first of the clients that is not locked.
   * @throws {ProblemError} `too-many-attempts` if all of them are.
   */
  async #countAttempt(username: string, clients: Client[]): Promise<Attempt> {
    let lockedMs = 0
    for (const client of clients) {
      const attempt = await this.#store.countAttempt(username, client)
      if (attempt.lockedMs === 0) return attempt
      lockedMs = attempt.lockedMs
    }
    const seconds = Math.ceil(lockedMs / 1000)
    throw new ProblemError('too-many-attempts', `Try again in ${seconds} seconds.`, {
      headers: { 'retry-after': seconds }
    })
  }
}

/** Tells the operator the password that was made for the first account. */
export type ShowPassword = (username: string, password: string) => void | Promise<void>

/** What a sign-in tells of the client that sends it. */
export interface SignInOrigin {
  /** Network of the address, as `toClient` returns it. */
  network: string
  /** Value of the device cookie, if there is one. */
  device: string | undefined
}

/** An account whose password was right, and what its tokens say of it. */
export interface SignedIn {
  username: string
  generation: string
  scopes: readonly Scope[]
  /** Value of a new device cookie. */
  device: string
}

/** How to authenticate, RFC 6750. */
export const CHALLENGE = 'Bearer realm="product-catalog"'
