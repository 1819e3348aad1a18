import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import cookie from '@fastify/cookie'
import jwt from '@fastify/jwt'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { LRUCache } from 'lru-cache'
import { Claims, type Role, roleScopes, type Scope, type Token } from '../../../schemas/auth.js'
import type { SignedIn } from '../../auth/accounts.js'
import { type AuthVersion, TokenRevocations } from '../../auth/revocations.js'
import type { SigningKeys } from '../../auth/signing-keys.js'
import type { DatabaseState } from '../../store/state-cache.js'
import type { TokenStore } from '../../store/tokens.js'
import { createValidator } from '../../support/validation.js'
import { CHALLENGE } from '../challenge.js'
import { cookieValues, HOST_TOKEN_COOKIE, TOKEN_COOKIE, TOKEN_COOKIE_OPTIONS } from '../cookies.js'
import { ProblemError } from '../problems.js'
import { requireSameOrigin } from '../same-origin.js'

/** The sender of a request, by the claims of its token. */
export interface Caller extends Claims {
  /** Scopes of the token that the role of its account still allows. */
  scopes: ReadonlySet<string>
  /** The state of accounts and tokens at which the token was verified. */
  verifiedAt: AuthVersion
}

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: Pick<Claims, 'sub' | 'jti' | 'scope' | 'gen'>
    user: Caller
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Hook, after `readState`: rejects requests without a valid token, and sets `request.user`. */
    authenticate: onRequestHookHandler
    /** Creates a hook, for after `authenticate`, that rejects tokens without a scope. */
    requireScope(scope: Scope): onRequestHookHandler
    /** For streams that outlive their request: creates a function that checks whether the caller's token still allows a scope. */
    watchScope(caller: Caller, scope: Scope): (state: DatabaseState) => Promise<boolean>
  }
  interface FastifyReply {
    /** Issues a token for an account that has signed in, and sets it as a cookie. */
    issueToken(account: SignedIn): Promise<Token>
    /** Revokes the request's token, and clears the cookie. */
    revokeToken(): Promise<void>
  }
}

export interface AuthenticationOptions {
  keys: SigningKeys
  tokens: TokenStore
  /** Lifetime of a token, in seconds. */
  tokenTtl: number
  /** Origins, beside the service's own, whose pages may write with the cookie. */
  trustedOrigins: string[]
}

/** Issuer and audience of every token: the service issues them for itself. */
const SERVICE = 'product-catalog'
const TYPE = 'at+jwt'
/** Number of verified tokens that are kept in memory, so that a signature is verified once. */
const VERIFIED_KEPT = 10_000
/** Seconds by which the clocks of several machines may differ. */
const CLOCK_SKEW = 60

/**
 * Issues and verifies access tokens: JWTs signed with ES256 (RFC 9068), sent as a bearer token (RFC 6750) or as a cookie. If a request has
 * both, the header takes precedence. If it has several such cookies, the first valid token counts. The algorithm is pinned and the type is
 * checked, as RFC 8725 requires.
 */
export const authentication = fp<AuthenticationOptions>(async (app, options) => {
  const { keys, tokens, tokenTtl, trustedOrigins } = options
  const areClaims = createValidator().compile<Claims>(Claims)
  /** The token of each request that is being verified. */
  const candidates = new WeakMap<object, string>()

  // This plugin parses cookies on demand, because requests with a bearer token do not need them.
  await app.register(cookie, { hook: false })
  await app.register(jwt, {
    secret: {
      private: (_request, _token, done) => done(null, keys.current.privateKey),
      public: (_request, token, done) => {
        // The service understands no `crit` extension (RFC 7515, section 4.1.11). The verifier ignores a falsy `crit`.
        const key = 'header' in token && !('crit' in token.header) ? keys.find(token.header.kid) : undefined
        done(key ? null : new Error('The key of the token is unknown.'), key?.publicKey)
      }
    },
    decode: { complete: true },
    sign: {
      algorithm: 'ES256',
      iss: SERVICE,
      aud: SERVICE,
      expiresIn: tokenTtl,
      header: { alg: 'ES256', typ: TYPE }
    },
    verify: {
      extractToken: (request) => candidates.get(request),
      algorithms: ['ES256'],
      allowedIss: SERVICE,
      allowedAud: SERVICE,
      checkTyp: TYPE
    }
  })

  const verified = new LRUCache<string, Caller>({ max: VERIFIED_KEPT })
  /** The token of the last request on each connection. Most connections repeat it, and a comparison costs less than a cache lookup. */
  const lastOnConnection = new WeakMap<Socket, { authorization: string; caller: Caller }>()
  const revocations = new TokenRevocations(tokens)
  const isValid = ({ exp, sub, verifiedAt }: Caller) =>
    exp * 1000 >= Date.now() && !revocations.mayBeRevoked(sub, verifiedAt)

  app.decorate('authenticate', (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
    const caller = findVerified(request)
    if (caller) {
      request.user = caller
      done()
    } else {
      authenticate(request).then(() => done(), done)
    }
  })

  /** Returns the caller of a bearer token that was verified before and is still valid, without any I/O. */
  function findVerified({ headers: { authorization }, state, raw: { socket } }: FastifyRequest): Caller | undefined {
    if (authorization === undefined || !revocations.isCurrent(state)) return undefined
    const last = lastOnConnection.get(socket)
    if (last?.authorization === authorization && isValid(last.caller)) return last.caller
    const token = bearerToken(authorization)
    const caller = token === undefined ? undefined : verified.get(token)
    if (!caller || !isValid(caller)) return undefined
    lastOnConnection.set(socket, { authorization, caller })
    return caller
  }

  async function authenticate(request: FastifyRequest): Promise<void> {
    await revocations.catchUp(request.state)
    const { authorization = '', cookie = '' } = request.headers
    const token = bearerToken(authorization)
    if (token !== undefined) {
      request.user = await identify(token, request)
      return
    }
    const hostTokens = cookieValues(cookie, HOST_TOKEN_COOKIE)
    // Another host can set `token`, so it does not replace an invalid `__Host-token`. An earlier release set `token` over https too.
    const tokens = hostTokens.length > 0 ? hostTokens : cookieValues(cookie, TOKEN_COOKIE)
    request.user = await identifyFirst(tokens, request)
    requireSameOrigin(request, trustedOrigins)
  }

  /** Returns the caller of the first valid token. If none is valid, throws the problem of the first one. */
  async function identifyFirst(tokens: readonly string[], request: FastifyRequest): Promise<Caller> {
    let problem: ProblemError | undefined
    for (const token of tokens) {
      try {
        return await identify(token, request)
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error
        problem ??= error
      }
    }
    throw problem ?? notSignedIn()
  }

  async function identify(token: string, request: FastifyRequest): Promise<Caller> {
    const known = verified.get(token)
    if (known && isValid(known)) return known
    candidates.set(request, token)
    const caller = await verify(request)
    verified.set(token, caller)
    return caller
  }

  async function verify(request: FastifyRequest): Promise<Caller> {
    // Taken before the reads below, so that any later revocation has a higher revision.
    const verifiedAt = { epoch: request.state.epoch, revision: request.state.authRevision }
    await keys.refresh()
    const claims = await request.jwtVerify<object>().catch((error: { code?: string }) => {
      throw toTokenProblem(error)
    })
    if (!areClaims(claims)) throw invalidToken(FOREIGN_TOKEN)
    if (claims.iat > Date.now() / 1000 + CLOCK_SKEW) throw invalidToken('The token is not valid yet.')
    const role = await tokens.findRole(claims)
    if (!role) throw invalidToken('The token was revoked.')
    return { ...claims, scopes: toScopes(claims, role), verifiedAt }
  }

  app.decorate('watchScope', (caller: Caller, scope: Scope) => {
    let { verifiedAt } = caller
    return async (state: DatabaseState) => {
      await revocations.catchUp(state)
      if (!revocations.mayBeRevoked(caller.sub, verifiedAt)) return true
      verifiedAt = { epoch: state.epoch, revision: state.authRevision }
      const role = await tokens.findRole(caller)
      return role !== undefined && toScopes(caller, role).has(scope)
    }
  })

  app.decorate(
    'requireScope',
    (scope: Scope) => (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
      done(request.user.scopes.has(scope) ? undefined : insufficientScope(scope))
    }
  )

  app.decorateReply('issueToken', async function (this: FastifyReply, { username, scopes, generation }) {
    await keys.refresh()
    const scope = scopes.join(' ')
    const claims = { sub: username, jti: randomUUID(), scope, gen: generation }
    const token = await this.jwtSign(claims, { sign: { kid: keys.current.id } })
    const secure = this.request.protocol === 'https'
    this.setCookie(secure ? HOST_TOKEN_COOKIE : TOKEN_COOKIE, token, {
      ...TOKEN_COOKIE_OPTIONS,
      secure,
      maxAge: tokenTtl
    })
    return { token, tokenType: 'Bearer' as const, expiresIn: tokenTtl, scope }
  })

  app.decorateReply('revokeToken', async function (this: FastifyReply) {
    const { sub, jti, exp } = this.request.user
    await tokens.revoke(sub, jti, exp)
    // The cached copy expires too. Otherwise the token would stay valid in this process if the database became unreachable now.
    this.request.user.exp = 0
    this.clearCookie(TOKEN_COOKIE, { ...TOKEN_COOKIE_OPTIONS, secure: this.request.protocol === 'https' })
    this.clearCookie(HOST_TOKEN_COOKIE, { ...TOKEN_COOKIE_OPTIONS, secure: true })
  })
})

/** Rejects a request whose token lacks a scope that only some uses of an operation require. @throws {ProblemError} */
export function requireScope({ user }: FastifyRequest, scope: Scope): void {
  if (!user.scopes.has(scope)) throw insufficientScope(scope)
}

/** Returns the problem of a token without a scope (RFC 6750, section 3.1). */
const insufficientScope = (scope: Scope) =>
  new ProblemError('insufficient-scope', `This operation requires the scope ${scope}.`, {
    headers: { 'www-authenticate': `${CHALLENGE}, error="insufficient_scope", scope="${scope}"` }
  })

/** Returns the scopes of a token that the account's role still allows. */
const toScopes = ({ scope }: Claims, role: Role): Set<string> =>
  new Set(scope.split(' ').filter((one) => (roleScopes[role] as string[]).includes(one)))

/** The scheme is case-insensitive, and one or more spaces follow it (RFC 9110, section 11.4). A tab becomes part of an invalid token. */
const BEARER = /^Bearer(?=\s) *(.*)$/i

/** Returns the token of an `Authorization` header; undefined if it has another scheme. */
const bearerToken = (authorization: string) => BEARER.exec(authorization)?.[1]

const FOREIGN_TOKEN = 'This service did not issue the token.'

const notSignedIn = () =>
  new ProblemError('not-signed-in', 'Sign in with POST /auth, then send the token as a bearer token or a cookie.', {
    headers: { 'www-authenticate': CHALLENGE }
  })

const toTokenProblem = ({ code }: { code?: string }) =>
  invalidToken(code === 'FST_JWT_AUTHORIZATION_TOKEN_EXPIRED' ? 'The token has expired.' : FOREIGN_TOKEN)

/** Returns the problem of an invalid token (RFC 6750, section 3.1). */
function invalidToken(detail: string): ProblemError {
  return new ProblemError('invalid-token', `${detail} Sign in again with POST /auth.`, {
    headers: { 'www-authenticate': `${CHALLENGE}, error="invalid_token", error_description="${detail}"` }
  })
}
