import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Takes files, which may take as long to arrive as any request may. */
    isUpload?: boolean
  }
}

export interface BodyTimeoutOptions {
  /** Milliseconds that a body may take to arrive, and that the rest of one may take after its response was sent. */
  time: number
}

/**
 * Ends connections whose bodies arrive too slowly. Node.js has one time limit for all requests, which has to be as long as the
 * largest file takes. A request gets 408 (RFC 9110, section 15.5.9) unless its response was sent already.
 */
export const limitBodyTimes = fp<BodyTimeoutOptions>(async (app, { time }) => {
  const uploads = new WeakSet<IncomingMessage>()

  // On the server, not as a hook: some requests are refused before or between the hooks, and their bodies arrive all the same.
  app.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { headers, socket } = request
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return
    const timer = setTimeout(() => {
      // The body has arrived, but no handler read it. The response may take longer.
      if (request.complete) return
      if (response.headersSent) {
        socket.destroy()
      } else if (!response.socket) {
        // The responses to earlier requests on this connection come first.
        timer.refresh()
      } else if (!uploads.has(request)) {
        const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
        // Otherwise the handler would still receive the rest of the body and carry out the request.
        socket.pause()
        app.server.emit('clientError', error, socket)
      }
    }, time).unref()
    response.once('finish', () => (request.complete ? clearTimeout(timer) : timer.refresh()))
    for (const event of ['end', 'close']) request.once(event, () => clearTimeout(timer))
  })

  app.addHook('onRequest', (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
    if (request.routeOptions.config.isUpload) uploads.add(request.raw)
    done()
  })
})
