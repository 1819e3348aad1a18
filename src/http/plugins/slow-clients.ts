import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Hook: lets the connection be still for as long as a long piece of work takes, until the next request. */
    allowLongWork: onRequestHookHandler
  }
}

export interface SlowClientOptions {
  /** Milliseconds that nothing may be sent or received while something long is done. */
  longWork: number
}

/**
 * Bounds what each slow client makes the service hold, whether it is slow on purpose or not. The `connectionTimeout` of the
 * server cuts off those that read nothing for a while, and `limitConnections` bounds how many there are.
 */
export const boundSlowClients = fp<SlowClientOptions>(async (app, { longWork }) => {
  // A hundred requests can come in one piece. Each waits until the answer before it has left, so that a connection that reads
  // nothing makes the service hold one answer, and not all of them.
  app.addHook('onRequest', (_request: FastifyRequest, { raw }: FastifyReply, done: HookHandlerDoneFunction) => {
    if (raw.socket) done()
    else raw.once('socket', () => done())
  })

  app.decorate('allowLongWork', ({ raw }: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
    raw.socket.setTimeout(longWork)
    done()
  })
})
