import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Takes files, which may take as long to arrive as any request may. */
    isUpload?: boolean
  }
}

export interface BodyTimeoutOptions {
  /** Milliseconds that a body may take to arrive, where it is no file. */
  time: number
}

/**
 * Ends requests whose bodies arrive too slowly. What Node.js has for that is one time for all requests, which has to be as long
 * as the largest file takes.
 */
export const limitBodyTimes = fp<BodyTimeoutOptions>(async (app, { time }) => {
  app.addHook('onRequest', (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
    const { raw } = request
    const hasBody = raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined
    if (hasBody && !request.routeOptions.config.isUpload) {
      const timer = setTimeout(() => {
        // All of it is there, and nobody has read it: a GET answers for longer, and has no use for a body.
        if (raw.complete) return
        const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
        app.server.emit('clientError', error, raw.socket)
      }, time)
      for (const event of ['end', 'close']) raw.once(event, () => clearTimeout(timer))
    }
    done()
  })
})
