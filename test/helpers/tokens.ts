import { createHmac, generateKeyPairSync, sign } from 'node:crypto'

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())

/** The header and the claims of a token, taken apart. */
export function parts(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header = '', claims = ''] = token.split('.')
  return { header: decode(header), claims: decode(claims) }
}

/** A token signed with ES256 by a key in PEM; `digest` is null for keys that take none. */
export const signToken = (header: object, claims: object, privateKey: string, digest: string | null = 'sha256') =>
  signText(JSON.stringify(header), JSON.stringify(claims), privateKey, digest)

/** The same of any text, whether it is JSON or not. */
export function signText(header: string, claims: string, privateKey: string, digest: string | null = 'sha256'): string {
  const input = [header, claims].map((part) => Buffer.from(part).toString('base64url')).join('.')
  const signature = sign(digest, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

/** The order of the curve P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** The same token with the other signature that holds for it: of (r, s), that is (r, -s). */
export function twin(token: string): string {
  const [header, claims, signature = ''] = token.split('.')
  const hex = Buffer.from(signature, 'base64url').toString('hex')
  const s = (ORDER - BigInt(`0x${hex.slice(64)}`)).toString(16).padStart(64, '0')
  return `${header}.${claims}.${Buffer.from(hex.slice(0, 64) + s, 'hex').toString('base64url')}`
}

/** A token signed with HS256. */
export function signWithSecret(header: object, claims: object, secret: string): string {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** A token that is not signed. */
export const unsigned = (header: object, claims: object, signature = '') =>
  `${encode(header)}.${encode(claims)}.${signature}`

export const strangerKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
