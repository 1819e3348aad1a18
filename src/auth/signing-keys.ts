import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { type JsonWebKey, KEYS_MAX } from '../../schemas/auth.js'
import { TOKEN_TTL_MAX } from '../../schemas/config.js'
import type { StateCache } from '../store/state-cache.js'
import type { NewKey, StoredKey, TokenStore } from '../store/tokens.js'

export interface SigningKey {
  id: string
  /** PEM, for signing and for verifying. */
  privateKey: string
  publicKey: string
  jwk: JsonWebKey
}

/** The keys that sign and verify tokens: ES256, kept in the database. */
export class SigningKeys {
  readonly #store: TokenStore
  readonly #snapshot: StateCache
  #keys: SigningKey[] = []
  /** What was known of the database when they were read. */
  #version: string | undefined
  #reading: Promise<void> | undefined

  constructor(store: TokenStore, snapshot: StateCache) {
    this.#store = store
    this.#snapshot = snapshot
  }

  /** Reads the keys; makes the first one where there is none. */
  async load(): Promise<void> {
    this.#keys = (await this.#store.ensureKeys(generateKey)).map(toSigningKey)
  }

  /** Reads the keys anew where anyone, in any process, may have changed them since. */
  async refresh(): Promise<void> {
    const { epoch, authRevision } = this.#snapshot.current() ?? (await this.#snapshot.read())
    const version = `${epoch}.${authRevision}`
    // One reading at a time, so that none can overtake a newer one.
    while (this.#version !== version) {
      this.#reading ??= this.#read(version).finally(() => {
        this.#reading = undefined
      })
      await this.#reading
    }
  }

  async #read(version: string): Promise<void> {
    this.#keys = (await this.#store.keys()).map(toSigningKey)
    this.#version = version
  }

  /** The key that signs new tokens. */
  get current(): SigningKey {
    const [newest] = this.#keys
    if (!newest) throw new Error('the signing keys are not loaded')
    return newest
  }

  /** The key with this id, undefined where there is none. */
  find(id: unknown): SigningKey | undefined {
    return this.#keys.find((key) => key.id === id)
  }

  get publicKeys(): JsonWebKey[] {
    return this.#keys.map((key) => key.jwk)
  }
}

/**
 * Has a new key sign from now on. Those before it verify for as long as a token of theirs can be valid, and are removed by a
 * later rotation.
 * @returns Id of the new key; undefined, and nothing has changed, where there are as many as there can be.
 */
export async function rotateKeys(store: TokenStore): Promise<string | undefined> {
  const key = generateKey()
  const expired = new Date(Date.now() - TOKEN_TTL_MAX * 1000).toISOString()
  return (await store.rotateKeys(key, expired, KEYS_MAX)) ? key.id : undefined
}

/** Generates a new signing key. */
export function generateKey(): NewKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' })
  // The thumbprint of the key, RFC 7638: its members in the order of their names.
  const id = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  return { id, privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string }
}

function toSigningKey({ id, privateKey }: StoredKey): SigningKey {
  const publicKey = createPublicKey(createPrivateKey(privateKey))
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' }) as Record<'kty' | 'crv' | 'x' | 'y', string>
  return {
    id,
    privateKey,
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }) as string,
    jwk: { kty, crv, x, y, kid: id, alg: 'ES256', use: 'sig' }
  }
}
