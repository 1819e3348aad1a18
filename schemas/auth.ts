import { type Static, Type } from '@sinclair/typebox'
import { enumeration, ref } from './ref.js'
import { Count, Text } from './scalars.js'

/** What a username is made of. It is the `sub` of a token, so it has nothing that a log or a header could trip over. */
export const USERNAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._@-]*$'
export const USERNAME_MAX = 64
export const PASSWORD_MIN = 8
export const PASSWORD_MAX = 256

export const SCOPES = ['catalog:read', 'catalog:write', 'catalog:sync', 'accounts:admin'] as const
export type Scope = (typeof SCOPES)[number]

export const ROLES = ['reader', 'editor', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** What each role is allowed to do. */
export const roleScopes: Record<Role, readonly Scope[]> = {
  reader: ['catalog:read'],
  editor: ['catalog:read', 'catalog:write'],
  admin: SCOPES
}

export const Credentials = Type.Object(
  {
    username: Text('Name of the account.', USERNAME_MAX, { pattern: USERNAME_PATTERN, examples: ['admin'] }),
    password: Text(
      'Its password. The first start of the service shows that of `admin` on the terminal, or writes it to a file that the log names.',
      PASSWORD_MAX,
      {
        minLength: 1,
        format: 'password',
        examples: ['your password here']
      }
    )
  },
  { $id: 'Credentials', additionalProperties: false, description: 'What proves who is asking.' }
)
export type Credentials = Static<typeof Credentials>

/** The last second of the year 9999, from which on a time has no ISO 8601 text that compares. */
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
  /** Generation of the account: a password that was changed ends it, and its tokens with it. */
  gen: Uuid
})
export type Claims = Static<typeof Claims>

export const TokenType = enumeration(['Bearer'], {
  $id: 'TokenType',
  description: 'How the token is to be sent (RFC 6750): `Authorization: Bearer <token>`.'
})

export const Token = Type.Object(
  {
    token: Type.String({
      description:
        'The access token: a signed JWT (RFC 9068), and a secret. Callers need not look into it; services can check it, see `GET /.well-known/jwks.json`.',
      pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
      maxLength: 4096
    }),
    tokenType: ref(TokenType),
    expiresIn: Count('Seconds until it expires.', 1),
    scope: Text('What it allows: scopes, separated by a space.', 200, { pattern: '^[a-z:]+( [a-z:]+)*$' })
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
    description: 'An access token and what it is good for.'
  }
)
export type Token = Static<typeof Token>

const BASE64URL = { pattern: '^[A-Za-z0-9_-]+$' }

export const JsonWebKey = Type.Object(
  {
    kty: Text('Key type.', 10),
    crv: Text('Curve.', 20),
    x: Text('X coordinate, base64url.', 100, BASE64URL),
    y: Text('Y coordinate, base64url.', 100, BASE64URL),
    kid: Text('Key id, as in the header of the tokens it signs.', 100, BASE64URL),
    alg: Text('Algorithm.', 20),
    use: Text('What the key is for: `sig`.', 10)
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

/** How many keys there are at most: the one that signs, and those before it whose tokens may still be valid. */
export const KEYS_MAX = 100

export const JsonWebKeySet = Type.Object(
  {
    keys: Type.Array(ref(JsonWebKey), {
      description: 'The newest first, which signs new tokens, then those before it whose tokens may still be valid.',
      maxItems: KEYS_MAX
    })
  },
  { $id: 'JsonWebKeySet', description: 'The public keys that verify our tokens (RFC 7517).' }
)
export type JsonWebKeySet = Static<typeof JsonWebKeySet>
