import { createHmac, generateKeyPairSync, sign } from 'node:crypto'

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())

/** Decodes the header and the claims of a token. */
export function decodeToken(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header = '', claims = ''] = token.split('.')
  return { header: decode(header), claims: decode(claims) }
}

/** Signs a token with ES256 and a PEM key. `digest` is null for algorithms without one. */
export const signToken = (header: object, claims: object, privateKey: string, digest: string | null = 'sha256') =>
  signText(JSON.stringify(header), JSON.stringify(claims), privateKey, digest)

/** Signs a token of arbitrary text, valid JSON or not. */
export function signText(header: string, claims: string, privateKey: string, digest: string | null = 'sha256'): string {
  const input = [header, claims].map((part) => Buffer.from(part).toString('base64url')).join('.')
  const signature = sign(digest, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

/** Order of the curve P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** Returns the same token with its other valid signature: (r, -s) for (r, s). */
export function withEquivalentSignature(token: string): string {
  const [header, claims, signature = ''] = token.split('.')
  const hex = Buffer.from(signature, 'base64url').toString('hex')
  const s = (ORDER - BigInt(`0x${hex.slice(64)}`)).toString(16).padStart(64, '0')
  return `${header}.${claims}.${Buffer.from(hex.slice(0, 64) + s, 'hex').toString('base64url')}`
}

/** Signs a token with HS256. */
export function signWithSecret(header: object, claims: object, secret: string): string {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** Creates an unsigned token. */
export const unsigned = (header: object, claims: object, signature = '') =>
  `${encode(header)}.${encode(claims)}.${signature}`

/** Creates a private key that the service does not know. */
export const createUnknownKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
