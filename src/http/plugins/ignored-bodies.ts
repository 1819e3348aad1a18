import type { FastifyInstance } from 'fastify'

/**
 * Makes the routes of a scope discard request bodies of any media type: some clients send a `Content-Type`, or an empty
 * JSON body, with every request.
 */
export function ignoreBodies(
  app: Pick<FastifyInstance, 'addHook' | 'removeAllContentTypeParsers' | 'addContentTypeParser'>
): void {
  app.removeAllContentTypeParsers()
  // Fastify refuses a malformed Content-Type even when nothing parses the body.
  app.addHook('preParsing', (request, _reply, payload, done) => {
    delete request.headers['content-type']
    done(null, payload)
  })
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume()
    done(null)
  })
}
