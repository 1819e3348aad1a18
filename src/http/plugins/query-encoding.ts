import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import fp from 'fastify-plugin'
import { ProblemError } from '../problems.js'

/** Rejects queries that are not percent-encoded UTF-8. Fastify would keep such values encoded, and a search for them finds nothing. */
export const refuseMalformedQueries = fp(async (app) => {
  app.addHook('preValidation', (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
    const query = /[?#](.*)/s.exec(request.url)?.[1] ?? ''
    if (isDecodable(query)) {
      done()
      return
    }
    const reason = 'The query cannot be decoded'
    const parameter = query.split('&').find((part) => !isDecodable(part)) ?? ''
    const quoted = JSON.stringify(parameter.slice(0, 100))
    done(
      new ProblemError(
        'malformed-request',
        `${reason}: ${quoted} must be percent-encoded UTF-8. A percent sign is written as %25.`,
        { logDetail: `${reason}.` }
      )
    )
  })
})

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
