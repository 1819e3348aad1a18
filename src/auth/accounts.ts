import { availableParallelism } from 'node:os'
import { roleScopes, type Scope } from '../../schemas/auth.js'
import type { AccountStore, Attempt, Client } from '../store/accounts.js'
import { WorkQueue } from '../support/work-queue.js'
import type { DeviceCookies } from './device-cookies.js'
import { SignInLockedError, TooManySignInsError, WrongCredentialsError } from './errors.js'
import { hashPassword, randomPassword, verifyPassword } from './passwords.js'

/** Thrown if there is no account and none can be created: no password is set, or a generated one cannot be shown. */
export class FirstAccountError extends Error {
  override name = 'FirstAccountError'
}

/**
 * Maximum number of passwords that are checked at the same time. Each check occupies a core for some 30 milliseconds. One core stays
 * free for readers, and one of the four threads that Node.js has for such work stays free for compression.
 */
const CHECKS_MAX = Math.min(3, Math.max(1, availableParallelism() - 1))
/** Maximum number of sign-ins that wait, and milliseconds that each waits at most: one core checks all of them in about that time. */
const QUEUED_MAX = 50
const WAIT_MAX = 3000

/** Creates the first account, and checks the credentials of those who sign in. */
export class Accounts {
  readonly #store: AccountStore
  readonly #deviceCookies: DeviceCookies
  readonly #queue = new WorkQueue({
    concurrency: CHECKS_MAX,
    maxQueued: QUEUED_MAX,
    maxWaitMs: WAIT_MAX,
    createError: () => new TooManySignInsError()
  })

  constructor(store: AccountStore, deviceCookies: DeviceCookies) {
    this.#store = store
    this.#deviceCookies = deviceCookies
  }

  /**
   * Creates the first account if there is none.
   * @param password Undefined to generate one.
   * @param announce Shows a generated password to the operator. If it fails, no account is created.
   * @throws {FirstAccountError} if the password is undefined in production.
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
   * @throws {WrongCredentialsError}
   * @throws {SignInLockedError}
   * @throws {TooManySignInsError}
   */
  async signIn(username: string, password: string, origin: SignInOrigin): Promise<SignedIn> {
    // One at a time for each name and network: concurrent sign-ins with the right password must not count as failures of each other.
    // Waiting comes before any write, so a flood of requests writes no more than the queue lets through.
    const key = `${username} ${origin.network}`
    return await this.#queue.run(() => this.#attempt(username, password, origin), key)
  }

  async #attempt(username: string, password: string, { network, device }: SignInOrigin): Promise<SignedIn> {
    const account = await this.#store.credentials(username)
    const address: Client = `address:${network}`
    // A name without an account takes the same steps. No cookie is valid for it: an issued one never has an empty generation.
    const identity = { username, generation: account?.generation ?? '' }
    const nonce = device === undefined ? undefined : await this.#deviceCookies.verify(device, identity)
    const attempt = await this.#countAttempt(username, nonce === undefined ? [address] : [`device:${nonce}`, address])
    if (!(await verifyPassword(password, account?.hash)) || !account) throw new WrongCredentialsError()
    await this.#store.recordSuccess(attempt, address)
    return { ...identity, scopes: roleScopes[account.role], device: await this.#deviceCookies.issue(identity) }
  }

  /**
   * Counts the attempt under the first of the clients that is not locked.
   * @throws {SignInLockedError} if all of them are locked.
   */
  async #countAttempt(username: string, clients: Client[]): Promise<Attempt> {
    let lockedMs = 0
    for (const client of clients) {
      const attempt = await this.#store.countAttempt(username, client)
      if (attempt.lockedMs === 0) return attempt
      lockedMs = attempt.lockedMs
    }
    throw new SignInLockedError(Math.ceil(lockedMs / 1000))
  }
}

/** Shows the operator the password that was generated for the first account. */
export type ShowPassword = (username: string, password: string) => void | Promise<void>

/** Where a sign-in comes from. */
export interface SignInOrigin {
  /** Network of the client: an IPv4 address, or the first 64 bits of an IPv6 address. */
  network: string
  /** Value of the device cookie, if there is one. */
  device: string | undefined
}

/** An account that has signed in, with the claims of its tokens. */
export interface SignedIn {
  username: string
  generation: string
  scopes: readonly Scope[]
  /** Value of a new device cookie. */
  device: string
}
