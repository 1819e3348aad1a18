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
import type { DatabaseState, StateCache } from '../../store/state-cache.js'
import type { TokenStore } from '../../store/tokens.js'
import { createValidator } from '../../support/validation.js'
import { CHALLENGE } from '../challenge.js'
import { ProblemError } from '../problems.js'

/** Whoever has sent a request, by the claims of the token. */
export interface Caller extends Claims {
  /** What the token is worth now. */
  scopes: ReadonlySet<string>
  /** When the token was found valid. */
  since: AuthVersion
}

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: Pick<Claims, 'sub' | 'jti' | 'scope' | 'gen'>
    user: Caller
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Hook: lets only requests through that carry a valid token; `request.user` has its claims from then on. */
    authenticate: onRequestHookHandler
    /** Hook, for after `authenticate`: lets only tokens through that allow this. */
    requireScope(scope: Scope): onRequestHookHandler
    /** For what outlives its request: makes a function that tells whether the caller's token is still valid and allows this. */
    watchScope(caller: Caller, scope: Scope): (known: DatabaseState) => Promise<boolean>
  }
  interface FastifyRequest {
    /** What was known of the database when the request was authenticated. */
    state: DatabaseState
  }
  interface FastifyReply {
    /** Makes a token for an account that has signed in, and sets it as the cookie too. */
    issueToken(account: SignedIn): Promise<Token>
    /** Refuses the request's token from now on, and clears the cookie. */
    revokeToken(): Promise<void>
  }
}

export interface AuthenticationOptions {
  keys: SigningKeys
  tokens: TokenStore
  snapshot: StateCache
  /** Seconds. */
  tokenTtl: number
  /** Origins whose pages may write by the cookie, beside our own. */
  trustedOrigins: string[]
}

const COOKIE = 'token'
/** The cookie over https: browsers let no other host, and no page that came by plain http, set one of this name (RFC 6265bis, section 4.1.3.2). */
const HOST_COOKIE = '__Host-token'
/** Issuer and audience of every token: this service signs them, for itself. */
const SERVICE = 'product-catalog'
const TYPE = 'at+jwt'
/** A signature is checked once: verified tokens are remembered until they expire, or any token of their account ends before its time. */
const TOKENS_REMEMBERED = 10_000
/** Seconds by which the clocks of several machines may differ. */
const CLOCK_SKEW = 60
/** What changes nothing (RFC 9110, section 9.2.1). */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

/**
 * Access tokens: JWTs signed with ES256 (RFC 9068), sent as a bearer token (RFC 6750) or as a cookie; where both come,
 * the header counts. The algorithm is pinned and the type is checked, as RFC 8725 asks for. A browser sends the cookie with
 * whatever any page has it send, so what is to change something by the cookie has to come from a page of ours.
 */
export const authentication = fp<AuthenticationOptions>(async (app, options) => {
  const { keys, tokens, snapshot, tokenTtl, trustedOrigins } = options
  const areClaims = createValidator().compile<Claims>(Claims)

  // Cookies are read where they are needed: a bearer token comes with none.
  await app.register(cookie, { hook: false })
  await app.register(jwt, {
    secret: {
      private: (_request, _token, done) => done(null, keys.current.privateKey),
      public: (_request, token, done) => {
        // RFC 7515, section 4.1.11: no extension is understood here. The verifier passes over a `crit` that is falsy.
        const key = 'header' in token && !('crit' in token.header) ? keys.find(token.header.kid) : undefined
        done(key ? null : new Error('The key of the token is not known.'), key?.publicKey)
      }
    },
    cookie: { cookieName: COOKIE, signed: false },
    decode: { complete: true },
    sign: {
      algorithm: 'ES256',
      iss: SERVICE,
      aud: SERVICE,
      expiresIn: tokenTtl,
      header: { alg: 'ES256', typ: TYPE }
    },
    verify: {
      algorithms: ['ES256'],
      allowedIss: SERVICE,
      allowedAud: SERVICE,
      checkTyp: TYPE
    }
  })

  /** Who is behind the tokens that were found valid. */
  const remembered = new LRUCache<string, Caller>({ max: TOKENS_REMEMBERED })
  /** What the last request on a connection came with: most come with the same, and to look up a token is to read all of it. */
  const latest = new WeakMap<Socket, { authorization: string; caller: Caller }>()
  const ended = new TokenRevocations(tokens)
  const isValid = ({ exp, sub, since }: Caller) => exp * 1000 >= Date.now() && !ended.mayBeRevoked(sub, since)

  app.decorateRequest('state')

  app.decorate('authenticate', (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
    const caller = findRemembered(request)
    if (caller) {
      request.user = caller
      done()
    } else {
      authenticate(request).then(() => done(), done)
    }
  })

  /** Who is behind a bearer token that is remembered, and still holds: what most requests come with. */
  function findRemembered(request: FastifyRequest): Caller | undefined {
    const { authorization } = request.headers
    const known = snapshot.current()
    if (!authorization?.startsWith('Bearer ') || !known || !ended.isCurrent(known)) return undefined
    request.state = known
    const { socket } = request.raw
    const last = latest.get(socket)
    if (last?.authorization === authorization && isValid(last.caller)) return last.caller
    const caller = remembered.get(authorization.slice('Bearer '.length))
    if (!caller || !isValid(caller)) return undefined
    latest.set(socket, { authorization, caller })
    return caller
  }

  async function authenticate(request: FastifyRequest): Promise<void> {
    request.state = snapshot.current() ?? (await snapshot.renew())
    await ended.catchUp(request.state)
    const token = extractToken(request)
    let caller = remembered.get(token)
    if (!caller || !isValid(caller)) {
      caller = await verify(request)
      remembered.set(token, caller)
    }
    request.user = caller
    if (!isBearer(request)) requireSameOrigin(request, trustedOrigins)
  }

  function extractToken(request: FastifyRequest): string {
    const cookies = app.parseCookie(request.headers.cookie ?? '')
    // Until the next release `token` counts over https too: the release before this one set it there.
    request.cookies = { [COOKIE]: cookies[HOST_COOKIE] ?? cookies[COOKIE] }
    try {
      return app.jwt.lookupToken(request)
    } catch (error) {
      throw refused(error as { code?: string })
    }
  }

  async function verify(request: FastifyRequest): Promise<Caller> {
    // Whatever ends the token from here on has a higher revision.
    const since = { epoch: request.state.epoch, revision: request.state.authRevision }
    await keys.refresh()
    const claims = await request.jwtVerify<object>().catch((error: { code?: string }) => {
      throw refused(error)
    })
    if (!areClaims(claims)) throw invalidToken('It is none of ours.')
    if (claims.iat > Date.now() / 1000 + CLOCK_SKEW) throw invalidToken('The token is not valid yet.')
    const role = await tokens.findRole(claims)
    if (!role) throw invalidToken('The token was revoked.')
    return { ...claims, scopes: toScopes(claims, role), since }
  }

  app.decorate('watchScope', (caller: Caller, scope: Scope) => {
    let { since } = caller
    return async (known: DatabaseState) => {
      await ended.catchUp(known)
      if (!ended.mayBeRevoked(caller.sub, since)) return true
      since = { epoch: known.epoch, revision: known.authRevision }
      const role = await tokens.findRole(caller)
      return role !== undefined && toScopes(caller, role).has(scope)
    }
  })

  app.decorate(
    'requireScope',
    (scope: Scope) => (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
      if (request.user.scopes.has(scope)) {
        done()
        return
      }
      const challenge = `${CHALLENGE}, error="insufficient_scope", scope="${scope}"`
      done(
        new ProblemError('insufficient-scope', `This needs the scope ${scope}.`, {
          headers: { 'www-authenticate': challenge }
        })
      )
    }
  )

  app.decorateReply('issueToken', async function (this: FastifyReply, { username, scopes, generation }) {
    await keys.refresh()
    const scope = scopes.join(' ')
    const claims = { sub: username, jti: randomUUID(), scope, gen: generation }
    const token = await this.jwtSign(claims, { sign: { kid: keys.current.id } })
    const isSecure = this.request.protocol === 'https'
    this.setCookie(isSecure ? HOST_COOKIE : COOKIE, token, { ...COOKIE_OPTIONS, secure: isSecure, maxAge: tokenTtl })
    return { token, tokenType: 'Bearer' as const, expiresIn: tokenTtl, scope }
  })

  app.decorateReply('revokeToken', async function (this: FastifyReply) {
    const { sub, jti, exp } = this.request.user
    await tokens.revoke(sub, jti, exp)
    // Whoever remembers it as valid does not any more, though the database be away before it can be asked again.
    this.request.user.exp = 0
    this.clearCookie(COOKIE, { ...COOKIE_OPTIONS, secure: this.request.protocol === 'https' })
    this.clearCookie(HOST_COOKIE, { ...COOKIE_OPTIONS, secure: true })
  })
})

/** Returns the scopes of a token that the role of its account still allows. */
const toScopes = ({ scope }: Claims, role: Role): Set<string> =>
  new Set(scope.split(' ').filter((one) => (roleScopes[role] as string[]).includes(one)))

/** Whether the token is that of the header. Where it is not it is that of the cookie. */
const isBearer = ({ headers }: FastifyRequest) => /^Bearer\s/i.test(headers.authorization ?? '')

/** Refuses what is to change something and was sent by a page of somebody else, or by nobody says which. */
function requireSameOrigin(request: FastifyRequest, trustedOrigins: string[]): void {
  if (SAFE_METHODS.includes(request.method)) return
  const { origin, 'sec-fetch-site': site } = request.headers
  if (origin !== undefined && trustedOrigins.includes(origin)) return
  // Browsers say where a request comes from, but not over plain http, apart from localhost; there is the origin then.
  if (site === undefined ? origin === ownOrigin(request) : site === 'same-origin') return
  throw new ProblemError(
    'cross-site-request',
    'What is sent with the cookie has to come from a page of this very origin, as Sec-Fetch-Site or Origin says. ' +
      'Send the token as a bearer token instead.'
  )
}

/** The origin that the request was sent to, as a browser writes it; undefined where there can be none. */
function ownOrigin({ protocol, host }: FastifyRequest): string | undefined {
  const url = `${protocol}://${host}`
  return URL.canParse(url) ? new URL(url).origin : undefined
}

/** The attributes that all cookies of the service share. Over https they are `Secure`, too. */
export const COOKIE_OPTIONS = { path: '/', httpOnly: true, sameSite: 'strict' } as const

const missing = new Set(['FST_JWT_NO_AUTHORIZATION_IN_COOKIE', 'FST_JWT_NO_AUTHORIZATION_IN_HEADER'])

function refused({ code = '' }: { code?: string }): ProblemError {
  if (missing.has(code)) {
    return new ProblemError(
      'not-signed-in',
      'Sign in with POST /auth, and send the token as a bearer token or a cookie.',
      {
        headers: { 'www-authenticate': CHALLENGE }
      }
    )
  }
  return invalidToken(code === 'FST_JWT_AUTHORIZATION_TOKEN_EXPIRED' ? 'The token has expired.' : 'It is none of ours.')
}

/** RFC 6750, section 3.1. */
function invalidToken(detail: string): ProblemError {
  return new ProblemError('invalid-token', `${detail} Sign in again with POST /auth.`, {
    headers: { 'www-authenticate': `${CHALLENGE}, error="invalid_token", error_description="${detail}"` }
  })
}
