import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { Credentials, JsonWebKeySet, Token } from '../../../schemas/auth.js'
import { ref } from '../../../schemas/ref.js'
import { empty, ok, problems } from '../../../schemas/responses.js'
import type { Accounts } from '../../auth/accounts.js'
import { DEVICE_COOKIE, DEVICE_COOKIE_TTL } from '../../auth/device-cookies.js'
import type { SigningKeys } from '../../auth/signing-keys.js'
import { toNetwork } from '../client-network.js'
import { COOKIE_OPTIONS, cookieValues } from '../cookies.js'
import { toProblemError } from '../error-handler.js'
import { ignoreBodies } from '../plugins/ignored-bodies.js'

export const signInRoutes: FastifyPluginAsyncTypebox<{ accounts: Accounts; keys: SigningKeys }> = async (
  app,
  { accounts, keys }
) => {
  app.post(
    '/auth',
    {
      config: { limit: 'sign-in' },
      onError: logFailure,
      schema: {
        operationId: 'signIn',
        tags: ['auth'],
        summary: 'Sign in',
        description:
          'Returns an access token and sets it as a cookie. Programs send the token as `Authorization: Bearer <token>`; browsers ' +
          'send the cookie automatically. The token is valid for `expiresIn` seconds.\n\n' +
          '**Limits.** Each client address has 10 attempts per minute. After five failed attempts in a row, the service locks the ' +
          'username for this client for 30 seconds. Each further failure doubles the time, up to 15 minutes. After 100 failed attempts in ' +
          'a day from unknown clients, the service locks the username for all unknown clients in the same way. A client is known if ' +
          'someone signed in to the account from its address within the last 90 days, or if it sends the `device` cookie from an ' +
          'earlier sign-in. If too many clients sign in at once, some get 503.',
        security: [{}],
        body: ref(Credentials),
        response: {
          200: ok(Token, 'Signed in.', 'Set-Cookie', 'Cache-Control'),
          ...problems(400, 401, 413, 415, 429, 500, 503)
        }
      }
    },
    async (request, reply) => {
      const { username, password } = request.body
      const devices = cookieValues(request.headers.cookie ?? '', DEVICE_COOKIE)
      // Undefined if the client has already disconnected.
      const network = toNetwork(String(request.ip))
      const account = await accounts.signIn(username, password, { network, devices })
      const secure = request.protocol === 'https'
      // Without a path, browsers send it to the paths beside `/auth`, whatever prefix a proxy adds (RFC 6265, section 5.1.4).
      const options = { ...COOKIE_OPTIONS, secure, maxAge: DEVICE_COOKIE_TTL }
      reply.header('cache-control', 'no-store').setCookie(DEVICE_COOKIE, account.device, options)
      const token = await reply.issueToken(account)
      request.log.info({ account: account.username, ip: request.ip }, 'signed in')
      return token
    }
  )

  app.get(
    '/.well-known/jwks.json',
    {
      schema: {
        operationId: 'listPublicKeys',
        tags: ['auth'],
        summary: 'List public keys',
        description:
          'Returns the public keys for services that verify access tokens themselves. Select the key by the `kid` in the token ' +
          'header. Keys are rotated: if a `kid` is unknown, fetch the keys again.\n\n' +
          'Accept a token only if `alg` is `ES256`, `typ` is `at+jwt`, `iss` and `aud` are `product-catalog`, and `exp` is in the future. ' +
          '`sub` is the username of the account, and `scope` lists the scopes of the token. A service that verifies tokens itself does not ' +
          'notice sign-outs, password changes, role changes or removed accounts: it accepts a token until `exp`.',
        security: [{}],
        response: { 200: ok(JsonWebKeySet, 'Public keys.'), ...problems(400, 429, 500, 503) }
      }
    },
    async () => {
      await keys.refresh()
      return { keys: keys.publicKeys }
    }
  )
}

/** Maximum length of a logged username. A rejected one may be as long as the request body. */
const LOGGED_MAX = 100

/** Logs a failed sign-in with its username. Does not log other fields of the body, because any of them may contain a password. */
function logFailure(
  request: FastifyRequest,
  _reply: FastifyReply,
  error: FastifyError,
  done: HookHandlerDoneFunction
): void {
  const { username } = Object(request.body) as { username?: unknown }
  const { problem, statusCode } = toProblemError(error, request)
  // If the service failed or was overloaded, it did not check the password, and the line about that failure is enough.
  if (typeof username === 'string' && statusCode < 500) {
    request.log.info(
      { username: toPrintable(username.slice(0, LOGGED_MAX)), ip: request.ip, problem },
      'sign-in failed'
    )
  }
  done()
}

/** Escapes characters that a terminal or a log viewer may interpret as a command or a line break. JSON escapes only some of them. */
const toPrintable = (text: string) =>
  text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)

export const signOutRoutes: FastifyPluginAsyncTypebox = async (app) => {
  ignoreBodies(app)

  app.delete(
    '/auth',
    {
      schema: {
        operationId: 'signOut',
        tags: ['auth'],
        summary: 'Sign out',
        description: 'Revokes the token of this request and clears the cookie.',
        response: { 204: empty('Signed out.', 'Set-Cookie'), ...problems(400, 401, 403, 429, 500, 503) }
      }
    },
    async (request, reply) => {
      await reply.revokeToken()
      request.log.info({ account: request.user.sub }, 'signed out')
      return reply.code(204).send(null)
    }
  )
}
