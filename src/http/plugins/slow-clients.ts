import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Hook: until the next request, the connection may be idle for as long as a long operation takes. */
    allowLongWork: onRequestHookHandler
  }
}

export interface SlowClientOptions {
  /** Milliseconds that a connection may be idle during a long operation. */
  longWork: number
}

/**
 * Bounds the memory that a slow client uses, whether it is slow on purpose or not. The server's `connectionTimeout` closes connections
 * that read nothing, and `limitConnections` bounds their number.
 */
export const limitSlowClients = fp<SlowClientOptions>(async (app, { longWork }) => {
  // A client can pipeline a hundred requests in one packet. Each waits until the previous response has been sent. A client that reads
  // nothing then makes the service hold one response instead of all.
  app.addHook('onRequest', (_request: FastifyRequest, { raw }: FastifyReply, done: HookHandlerDoneFunction) => {
    if (raw.socket) done()
    else raw.once('socket', () => done())
  })

  app.decorate('allowLongWork', ({ raw }: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
    raw.socket.setTimeout(longWork)
    done()
  })
})
