import { availableParallelism } from 'node:os'
import { roleScopes, type Scope } from '../../schemas/auth.js'
import type { AccountStore } from '../store/accounts.js'
import type { Attempt, Client } from '../store/sign-in-attempts.js'
import { WorkQueue } from '../support/work-queue.js'
import type { DeviceCookies } from './device-cookies.js'
import { SignInLockedError, TooManySignInsError, WrongCredentialsError } from './errors.js'
import { hashPassword, randomPassword, verifyPassword } from './passwords.js'

/** Thrown if there is no account and none can be created: no password is set, or a generated one cannot be shown. */
export class FirstAccountError extends Error {
  override name = 'FirstAccountError'
}

/**
 * Maximum number of concurrent password checks. Each check occupies a core for about 30 milliseconds. One core stays free for reads,
 * and one of the four threads in the Node.js thread pool stays free for compression.
 */
const CHECKS_MAX = Math.min(3, Math.max(1, availableParallelism() - 1))
/** Maximum number of sign-ins that wait. */
const QUEUED_MAX = 50
/** Maximum waiting time, in milliseconds. One core checks all waiting sign-ins in about that time. */
const WAIT_MAX_MS = 3000

/** Creates the first account and checks credentials. */
export class Accounts {
  readonly #store: AccountStore
  readonly #deviceCookies: DeviceCookies
  readonly #queue = new WorkQueue({
    concurrency: CHECKS_MAX,
    maxQueued: QUEUED_MAX,
    maxWaitMs: WAIT_MAX_MS,
    createError: () => new TooManySignInsError()
  })

  constructor(store: AccountStore, deviceCookies: DeviceCookies) {
    this.#store = store
    this.#deviceCookies = deviceCookies
  }

  /**
   * Creates the first account if no account exists.
   * @param password If undefined, a password is generated.
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
      throw new FirstAccountError(
        'No account exists yet, and NODE_ENV is production. Set ADMIN_PASSWORD to create the first account.'
      )
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
    // The queue runs one attempt at a time per username and network. An attempt counts as failed until its password is verified, so
    // concurrent attempts with the right password could lock each other out. Attempts wait before they write, so the queue also limits the
    // writes of a flood.
    const key = `${username} ${origin.network}`
    return await this.#queue.run(() => this.#attempt(username, password, origin), key)
  }

  async #attempt(username: string, password: string, { network, devices }: SignInOrigin): Promise<SignedIn> {
    const account = await this.#store.credentials(username)
    const address: Client = `address:${network}`
    // The steps are the same if no account has the username. No cookie is valid then, because no account has an empty generation.
    const identity = { username, generation: account?.generation ?? '' }
    let nonce: string | undefined
    for (const device of devices) nonce ??= await this.#deviceCookies.verify(device, identity)
    const attempt = await this.#countAttempt(username, nonce === undefined ? [address] : [`device:${nonce}`, address])
    if (!(await verifyPassword(password, account?.hash)) || !account) throw new WrongCredentialsError()
    await this.#store.recordSuccess(attempt, address)
    return { ...identity, scopes: roleScopes[account.role], device: await this.#deviceCookies.issue(identity) }
  }

  /**
   * Counts the attempt for the first client that is not locked.
   * @throws {SignInLockedError} if all clients are locked.
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

/** Shows the generated password of the first account to the operator. */
export type ShowPassword = (username: string, password: string) => void | Promise<void>

/** The client of a sign-in. */
export interface SignInOrigin {
  /** An IPv4 address, or the first 64 bits of an IPv6 address. */
  network: string
  /** Values of the device cookies of the request. */
  devices: readonly string[]
}

/** The result of a sign-in: the claims of the tokens, and a device cookie. */
export interface SignedIn {
  username: string
  generation: string
  scopes: readonly Scope[]
  /** Value of a new device cookie. */
  device: string
}
