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
    password: Text('Its password.', PASSWORD_MAX, { minLength: 1, format: 'password', examples: ['correct-horse'] })
  },
  { $id: 'Credentials', additionalProperties: false, description: 'What proves who is asking.' }
)
export type Credentials = Static<typeof Credentials>

export const TokenType = enumeration(['Bearer'], {
  $id: 'TokenType',
  description: 'How the token is to be sent (RFC 6750): `Authorization: Bearer <token>`.'
})

export const Token = Type.Object(
  {
    token: Type.String({
      description: 'The access token: a signed JWT (RFC 9068). Treat it as opaque, and as a secret.',
      pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
      maxLength: 4096
    }),
    tokenType: ref(TokenType),
    expiresIn: Count('Seconds until it expires.', 1),
    scope: Text('What it allows: scopes, separated by a space.', 200)
  },
  { $id: 'Token', description: 'An access token and what it is good for.' }
)
export type Token = Static<typeof Token>

export const JsonWebKey = Type.Object(
  {
    kty: Text('Key type.', 10),
    crv: Text('Curve.', 20),
    x: Text('X coordinate, base64url.', 100),
    y: Text('Y coordinate, base64url.', 100),
    kid: Text('Key id, as in the header of the tokens it signs.', 100),
    alg: Text('Algorithm.', 20),
    use: Text('What the key is for: `sig`.', 10)
  },
  { $id: 'JsonWebKey', description: 'A public key (RFC 7517).' }
)
export type JsonWebKey = Static<typeof JsonWebKey>

export const JsonWebKeySet = Type.Object(
  { keys: Type.Array(ref(JsonWebKey), { description: 'The keys in use, the newest first.', maxItems: 100 }) },
  { $id: 'JsonWebKeySet', description: 'The public keys that verify our tokens (RFC 7517).' }
)
export type JsonWebKeySet = Static<typeof JsonWebKeySet>
