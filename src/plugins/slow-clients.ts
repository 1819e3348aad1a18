import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Hook: lets the connection be still for as long as a long piece of work takes, until the next request. */
    allowLongWork: onRequestHookHandler
  }
}

export interface SlowClientOptions {
  /** Connections at a time. */
  connectionsMax: number
  /** Milliseconds that nothing may be sent or received while something long is done. */
  longWork: number
}

/** Milliseconds between two lines of the log that say that connections are refused. */
const TELL_INTERVAL = 60_000

/**
 * Bounds what clients cost who are slow, on purpose or not: how many there are, and what each of them makes the service hold.
 * Those who read nothing for a while are cut off by the `connectionTimeout` of the server.
 */
export const boundSlowClients = fp<SlowClientOptions>(async (app, { connectionsMax, longWork }) => {
  app.server.maxConnections = connectionsMax
  let toldAt = Number.NEGATIVE_INFINITY
  app.server.on('drop', () => {
    if (performance.now() - toldAt < TELL_INTERVAL) return
    toldAt = performance.now()
    app.log.warn({ connections: connectionsMax }, 'connections are refused: there are too many')
  })

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
