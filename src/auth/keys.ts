import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { JsonWebKey } from '../../schemas/auth.js'
import type { StoredKey, TokenStore } from '../store/tokens.js'

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
  #keys: SigningKey[] = []

  constructor(store: TokenStore) {
    this.#store = store
  }

  /** Reads the keys; makes the first one where there is none. */
  async load(): Promise<void> {
    this.#keys = (await this.#store.keys(generateKey)).map(toSigningKey)
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

  get public(): JsonWebKey[] {
    return this.#keys.map((key) => key.jwk)
  }
}

function generateKey(): StoredKey {
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
