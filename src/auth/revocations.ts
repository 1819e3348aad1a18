import type { DatabaseState } from '../store/state-cache.js'
import type { TokenStore } from '../store/tokens.js'

/** A version of the accounts and tokens. Revisions of different epochs cannot be compared. */
export interface AuthVersion {
  epoch: string
  revision: number
}

/**
 * Tracks the accounts whose tokens may be revoked: by a sign-out, by a new password or role, or because the account was removed. Tokens of
 * all other accounts need no new check.
 */
export class TokenRevocations {
  readonly #tokens: TokenStore
  /** The version up to which changes were read. */
  #version: AuthVersion = { epoch: '', revision: 0 }
  /** The newest revision that may have revoked tokens of each account. */
  readonly #accountRevisions = new Map<string, number>()
  /** The newest revision that may have revoked tokens of any account. */
  #globalRevision = 0
  #reading: Promise<void> | undefined

  constructor(tokens: TokenStore) {
    this.#tokens = tokens
  }

  /** Returns whether all changes up to a state of the database were read. */
  isCurrent({ epoch, authRevision }: DatabaseState): boolean {
    return this.#version.epoch === epoch && this.#version.revision >= authRevision
  }

  /** Reads all changes up to a state of the database. */
  async catchUp(state: DatabaseState): Promise<void> {
    while (!this.isCurrent(state)) {
      this.#reading ??= this.#read(state).finally(() => {
        this.#reading = undefined
      })
      await this.#reading
    }
  }

  /** Returns whether tokens of an account may have been revoked after a version. */
  mayBeRevoked(username: string, { epoch, revision }: AuthVersion): boolean {
    if (epoch !== this.#version.epoch) return true
    return revision < this.#globalRevision || revision < (this.#accountRevisions.get(username) ?? 0)
  }

  async #read({ epoch, authRevision: revision }: DatabaseState): Promise<void> {
    const isRestored = epoch !== this.#version.epoch
    const accounts = isRestored ? undefined : await this.#tokens.accountsChangedSince(this.#version.revision)
    if (!accounts) {
      this.#accountRevisions.clear()
      this.#globalRevision = revision
    }
    for (const username of accounts ?? []) this.#accountRevisions.set(username, revision)
    this.#version = { epoch, revision }
  }
}
