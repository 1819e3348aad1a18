import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import fp from 'fastify-plugin'
import { ProblemError } from '../problems.js'

/**
 * Rejects requests that the parser of Node.js accepts, but that a proxy in front of the service may interpret differently (request
 * smuggling). It closes the connection, because the two may also disagree on where the next request begins.
 */
export const refuseAmbiguity = fp(async (app) => {
  app.addHook('onRequest', ({ raw }: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
    const detail = findAmbiguity(raw)
    if (detail === undefined) done()
    else done(new ProblemError('malformed-request', detail, { headers: { connection: 'close' } }))
  })
})

function findAmbiguity(request: IncomingMessage): string | undefined {
  const { httpVersion, httpVersionMajor, method, url = '', rawHeaders } = request
  // The parser also accepts 0.9 and 2.0, which have no such request line.
  if (httpVersionMajor !== 1)
    return `The version in the request line must be HTTP/1.1 or HTTP/1.0 (got HTTP/${httpVersion}).`
  // RFC 9112, section 3.2.
  if (url[0] !== '/' && !ABSOLUTE.test(url) && !(url === '*' && method === 'OPTIONS')) {
    return 'The request target must be a path that begins with a slash, or an absolute http or https URL.'
  }
  // RFC 9110, section 4.2.4.
  if (WITH_USER.test(url)) return 'The request target must not contain a user or a password.'
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === HOST.length && name.toLowerCase() === HOST) hosts++
  }
  // RFC 9112, section 3.2. HTTP/1.0 has no such header.
  const isAllowed = hosts === 1 || (hosts === 0 && httpVersion === '1.0')
  return isAllowed ? undefined : `The request must have exactly one Host header (got ${hosts}).`
}

const ABSOLUTE = /^https?:\/\//i
const WITH_USER = /^https?:\/\/[^/?#]*@/i
const HOST = 'host'
