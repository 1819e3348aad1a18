import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyError, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { Credentials, JsonWebKeySet, Token } from '../../../schemas/auth.js'
import { ref } from '../../../schemas/ref.js'
import { empty, ok, problems } from '../../../schemas/responses.js'
import type { Accounts } from '../../auth/accounts.js'
import { DEVICE_COOKIE, DEVICE_COOKIE_TTL } from '../../auth/device-cookies.js'
import type { SigningKeys } from '../../auth/signing-keys.js'
import { toNetwork } from '../client-network.js'
import { COOKIE_OPTIONS } from '../cookies.js'
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
          'Returns an access token, and sets it as the cookie `token`, over https `__Host-token`, too. Send the token with each request as ' +
          '`Authorization: Bearer <token>`, for the `expiresIn` seconds that it is valid; a browser sends the cookie by itself. ' +
          'One address may try 10 times a minute. Five failures in a row lock the name for that address for a while. A hundred ' +
          'failures in a day from addresses that are not known lock it for all of these. Addresses that signed in to the name within ' +
          '90 days are known, and so is a browser that sends the cookie `device`, which a successful sign-in sets for the next ones. ' +
          'If too many clients sign in at once, some get 503.',
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
      const { [DEVICE_COOKIE]: device } = app.parseCookie(request.headers.cookie ?? '')
      // A caller that is already gone has no address.
      const network = toNetwork(String(request.ip))
      const account = await accounts.signIn(username, password, { network, device })
      const secure = request.protocol === 'https'
      const options = { ...COOKIE_OPTIONS, secure, path: '/auth', maxAge: DEVICE_COOKIE_TTL }
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
        summary: 'Keys that verify our tokens',
        description:
          'For services that check a token themselves: each key by the `kid` in the header of its tokens. Ask again when a token ' +
          'has a `kid` that you do not know: keys are changed from time to time. Accept nothing but `alg` ES256, `typ` `at+jwt`, `iss` and `aud` ' +
          '`product-catalog`, and an `exp` that is to come; `sub` is the account, `scope` what it may do. What you do not see before `exp` ' +
          'is that somebody has signed out, was removed, or has another role.',
        security: [{}],
        response: { 200: ok(JsonWebKeySet, 'The public keys.'), ...problems(400, 429, 500, 503) }
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

/** Logs a sign-in that failed, with the username that was tried. Other fields of the body are not logged: a password may be in any. */
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
        description: 'The token of this request is refused from now on, and the cookie is cleared.',
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
