import type { DoneFuncWithErrOrRes, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the service is about to stop. */
    isDraining(): boolean
    /** Says so from now on: by `/readyz`, and by ending each connection with the next answer on it. Everything is still served. */
    startDraining(): void
  }
}

/** Lets those who ask go elsewhere before the service stops, so that none of their requests finds nobody there. */
export const stopping = fp(async (app) => {
  let isStopping = false
  app.decorate('isDraining', () => isStopping)
  app.decorate('startDraining', () => {
    isStopping = true
  })

  // Not when a request comes: it may have come before that.
  app.addHook(
    'onSend',
    (_request: FastifyRequest, reply: FastifyReply, _payload: unknown, done: DoneFuncWithErrOrRes) => {
      if (isStopping) reply.header('connection', 'close')
      done()
    }
  )
})
