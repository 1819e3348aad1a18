import type { DatabaseState } from '../store/state-cache.js'
import type { TokenStore } from '../store/tokens.js'

/** A state of the accounts and tokens. Revisions of different epochs cannot be compared. */
export interface AuthVersion {
  epoch: string
  revision: number
}

/**
 * Tracks accounts whose tokens may be revoked: after a sign-out, a new password or role, or the removal of the account. The tokens
 * of all other accounts stay verified.
 */
export class TokenRevocations {
  readonly #tokens: TokenStore
  /** The newest version that was read. */
  #version: AuthVersion = { epoch: '', revision: 0 }
  /** The newest revision that concerns each account, and the newest one that concerns all accounts. */
  readonly #accounts = new Map<string, number>()
  #all = 0
  #reading: Promise<void> | undefined

  constructor(tokens: TokenStore) {
    this.#tokens = tokens
  }

  /** Returns whether all changes up to a known state of the database were read. */
  isCurrent({ epoch, authRevision }: DatabaseState): boolean {
    return this.#version.epoch === epoch && this.#version.revision >= authRevision
  }

  /** Reads all changes up to a known state of the database. */
  async catchUp(known: DatabaseState): Promise<void> {
    while (!this.isCurrent(known)) {
      this.#reading ??= this.#read(known).finally(() => {
        this.#reading = undefined
      })
      await this.#reading
    }
  }

  /** Returns whether tokens of an account that were valid at a version may not be any more. */
  mayBeRevoked(username: string, { epoch, revision }: AuthVersion): boolean {
    if (epoch !== this.#version.epoch) return true
    return revision < this.#all || revision < (this.#accounts.get(username) ?? 0)
  }

  async #read({ epoch, authRevision: revision }: DatabaseState): Promise<void> {
    const isRestored = epoch !== this.#version.epoch
    const accounts = isRestored ? undefined : await this.#tokens.accountsChangedSince(this.#version.revision)
    if (!accounts) {
      this.#accounts.clear()
      this.#all = revision
    }
    for (const username of accounts ?? []) this.#accounts.set(username, revision)
    this.#version = { epoch, revision }
  }
}
