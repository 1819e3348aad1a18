import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { type JsonWebKey, KEYS_MAX } from '../../schemas/auth.js'
import { TOKEN_TTL_MAX } from '../../schemas/config.js'
import type { StateCache } from '../store/state-cache.js'
import type { NewKey, StoredKey, TokenStore } from '../store/tokens.js'

export interface SigningKey {
  id: string
  /** PEM. */
  privateKey: string
  /** PEM. */
  publicKey: string
  jwk: JsonWebKey
}

/** The ES256 keys that sign and verify tokens. They are stored in the database. */
export class SigningKeys {
  readonly #store: TokenStore
  readonly #stateCache: StateCache
  #keys: SigningKey[] = []
  /** The version of the accounts and tokens at which the keys were read. */
  #version: string | undefined
  #reading: Promise<void> | undefined

  constructor(store: TokenStore, stateCache: StateCache) {
    this.#store = store
    this.#stateCache = stateCache
  }

  /** Reads the keys, and generates the first key if there is none. */
  async load(): Promise<void> {
    this.#keys = (await this.#store.ensureKeys(generateKey)).map(toSigningKey)
  }

  /** Reads the keys again if any process may have changed them. */
  async refresh(): Promise<void> {
    const { epoch, authRevision } = this.#stateCache.current() ?? (await this.#stateCache.read())
    const version = `${epoch}.${authRevision}`
    // Reads do not overlap, so that an older result cannot replace a newer one.
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

  /** Returns the key with this id; undefined if there is none. */
  find(id: unknown): SigningKey | undefined {
    return this.#keys.find((key) => key.id === id)
  }

  get publicKeys(): JsonWebKey[] {
    return this.#keys.map((key) => key.jwk)
  }
}

/**
 * Adds a key that signs new tokens. Older keys still verify tokens. A later rotation removes them when all tokens that they signed have
 * expired.
 * @returns Id of the new key; undefined if there are `KEYS_MAX` keys, in which case nothing changes.
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
  // The JWK thumbprint (RFC 7638), which requires the members in alphabetical order.
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
