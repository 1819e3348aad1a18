import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Credentials, JsonWebKeySet, Token } from '../../schemas/auth.js'
import { ref } from '../../schemas/ref.js'
import { empty, ok, problems } from '../../schemas/responses.js'
import type { Accounts } from '../auth/accounts.js'
import type { SigningKeys } from '../auth/keys.js'
import { ignoreBodies } from '../bodies.js'

export const signInRoutes: FastifyPluginAsyncTypebox<{ accounts: Accounts; keys: SigningKeys }> = async (
  app,
  { accounts, keys }
) => {
  app.post(
    '/auth',
    {
      config: { limit: 'sign-in' },
      schema: {
        operationId: 'signIn',
        tags: ['auth'],
        summary: 'Sign in',
        description:
          'Answers with an access token, and sets it as the cookie `token` too. Send the token with each request as ' +
          '`Authorization: Bearer <token>`, for the `expiresIn` seconds that it is valid; a browser sends the cookie by itself. ' +
          'One address may try 10 times a minute, and five failures in a row lock a name for a while. Where too many sign in at ' +
          'once, some are told to come again by 503.',
        security: [{}],
        body: ref(Credentials),
        response: {
          200: ok(Token, 'Signed in.', 'Set-Cookie', 'Cache-Control'),
          ...problems(400, 401, 413, 415, 429, 500, 503)
        }
      }
    },
    async ({ body }, reply) => {
      const account = await accounts.signIn(body.username, body.password)
      reply.header('cache-control', 'no-store')
      return await reply.issueToken(account)
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
      return { keys: keys.public }
    }
  )
}

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
    async (_request, reply) => {
      await reply.revokeToken()
      return reply.code(204).send(null)
    }
  )
}
