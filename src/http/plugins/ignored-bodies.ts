import type { FastifyInstance } from 'fastify'

/** Discards request bodies of any media type in a scope: some clients send `Content-Type` or an empty JSON body with every request. */
export function ignoreBodies(
  app: Pick<FastifyInstance, 'addHook' | 'removeAllContentTypeParsers' | 'addContentTypeParser'>
): void {
  app.removeAllContentTypeParsers()
  // Fastify rejects a malformed Content-Type even if nothing parses the body.
  app.addHook('preParsing', (request, _reply, payload, done) => {
    delete request.headers['content-type']
    done(null, payload)
  })
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume()
    done(null)
  })
}
