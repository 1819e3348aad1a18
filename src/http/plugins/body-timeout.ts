import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the body is a file, which may take as long to arrive as any request. */
    isUpload?: boolean
  }
}

export interface BodyTimeoutOptions {
  /** Milliseconds for a body to arrive, and for the rest of a body after the response was sent. */
  time: number
}

/**
 * Closes connections whose bodies arrive too slowly. Node.js has one timeout for all requests, which must be long enough for the largest
 * file. The client gets 408 (RFC 9110, section 15.5.9) unless its response was sent already.
 */
export const limitBodyTimes = fp<BodyTimeoutOptions>(async (app, { time }) => {
  const uploads = new WeakSet<IncomingMessage>()

  // A listener on the server instead of a hook: some requests are rejected before the hooks run, and their bodies still arrive.
  app.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { headers, socket } = request
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return
    const timer = setTimeout(() => {
      // The whole body has arrived. The response may take longer.
      if (request.complete) return
      if (response.headersSent) {
        socket.destroy()
      } else if (!response.socket) {
        // The responses to earlier requests on this connection are sent first.
        timer.refresh()
      } else if (!uploads.has(request)) {
        const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
        // Otherwise the handler could still receive the rest of the body and execute the request.
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
