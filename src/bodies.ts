import type { FastifyInstance } from 'fastify'

/** Has bodies passed over, so that clients that give every request a `Content-Type` can send those that need none. */
export function ignoreBodies(app: Pick<FastifyInstance, 'removeAllContentTypeParsers' | 'addContentTypeParser'>): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume()
    done(null)
  })
}
