import { type Static, Type } from '@sinclair/typebox'
import { enumeration, ref } from './ref.js'
import { Count, Text } from './scalars.js'

/** Pattern of a username. It becomes the `sub` of a token, so it allows only characters that are safe in logs and headers. */
export const USERNAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._@-]*$'
export const USERNAME_MAX = 64
export const PASSWORD_MIN = 8
export const PASSWORD_MAX = 256

export const SCOPES = ['catalog:read', 'catalog:write', 'catalog:sync', 'accounts:admin'] as const
export type Scope = (typeof SCOPES)[number]

export const ROLES = ['reader', 'editor', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Scopes of each role. */
export const roleScopes: Record<Role, readonly Scope[]> = {
  reader: ['catalog:read'],
  editor: ['catalog:read', 'catalog:write'],
  admin: SCOPES
}

export const Credentials = Type.Object(
  {
    username: Text('Account name.', USERNAME_MAX, { pattern: USERNAME_PATTERN, examples: ['admin'] }),
    password: Text(
      'Account password. Unless `ADMIN_PASSWORD` is set, the service generates the password of the first account and shows it in the terminal or ' +
        'writes it to a file that the log names.',
      PASSWORD_MAX,
      {
        minLength: 1,
        format: 'password',
        examples: ['your password here']
      }
    )
  },
  { $id: 'Credentials', additionalProperties: false, description: 'Username and password.' }
)
export type Credentials = Static<typeof Credentials>

/** The last second of the year 9999. Later times have longer ISO 8601 texts, which no longer sort in order of time. */
const LAST_SECOND = 253_402_300_799
const Uuid = Type.String({ format: 'uuid' })
const Seconds = Type.Integer({ minimum: 0, maximum: LAST_SECOND })

/** The claims of an access token, RFC 9068. Times are in seconds since 1970. */
export const Claims = Type.Object({
  iss: Type.String(),
  aud: Type.String(),
  sub: Type.String({ pattern: USERNAME_PATTERN, maxLength: USERNAME_MAX }),
  jti: Uuid,
  iat: Seconds,
  exp: Seconds,
  scope: Type.String(),
  /** Generation of the account. A password change starts a new one and invalidates all earlier tokens. */
  gen: Uuid
})
export type Claims = Static<typeof Claims>

export const TokenType = enumeration(['Bearer'], {
  $id: 'TokenType',
  description: 'Token type (RFC 6750). Send the token as `Authorization: Bearer <token>`.'
})

export const Token = Type.Object(
  {
    token: Type.String({
      description:
        'Access token, a signed JWT (RFC 9068). Keep it secret. Clients do not need to decode it. Services can verify it with the keys from `GET /.well-known/jwks.json`.',
      pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
      maxLength: 4096
    }),
    tokenType: ref(TokenType),
    expiresIn: Count('Seconds until the token expires.', 1),
    scope: Text('Scopes of the token, separated by spaces.', 200, { pattern: '^[a-z:]+( [a-z:]+)*$' })
  },
  {
    $id: 'Token',
    examples: [
      {
        token: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl',
        tokenType: 'Bearer',
        expiresIn: 3600,
        scope: 'catalog:read catalog:write catalog:sync accounts:admin'
      }
    ],
    description: 'An access token with its lifetime and scopes.'
  }
)
export type Token = Static<typeof Token>

const BASE64URL = { pattern: '^[A-Za-z0-9_-]+$' }

export const JsonWebKey = Type.Object(
  {
    kty: Text('Key type.', 10),
    crv: Text('Elliptic curve.', 20),
    x: Text('X coordinate, base64url.', 100, BASE64URL),
    y: Text('Y coordinate, base64url.', 100, BASE64URL),
    kid: Text('Key ID, the `kid` in the header of each token that this key verifies.', 100, BASE64URL),
    alg: Text('Algorithm.', 20),
    use: Text('Intended use of the key: always `sig` (signatures).', 10)
  },
  {
    $id: 'JsonWebKey',
    examples: [
      {
        kty: 'EC',
        crv: 'P-256',
        x: 'SamGlAQyUFMyb1_N5BsmxhD8leTfOOmQZtJaYDBxbo0',
        y: '1kTUROWBh4kdRCt_Qx5wTDpXif4rbZvZK1Y7mT085wo',
        kid: 'pT4WWJJrDUoSgWm6x5axMyVcPEYvpEaRWsI3ESdLCGA',
        alg: 'ES256',
        use: 'sig'
      }
    ],
    description: 'A public key (RFC 7517).'
  }
)
export type JsonWebKey = Static<typeof JsonWebKey>

/** Maximum number of keys: the current one, and earlier ones whose tokens may still be valid. */
export const KEYS_MAX = 100

export const JsonWebKeySet = Type.Object(
  {
    keys: Type.Array(ref(JsonWebKey), {
      description:
        'Public keys, newest first. The first one verifies new tokens. The others verify earlier tokens that may still be valid.',
      maxItems: KEYS_MAX
    })
  },
  { $id: 'JsonWebKeySet', description: 'Public keys that verify access tokens (RFC 7517).' }
)
export type JsonWebKeySet = Static<typeof JsonWebKeySet>
