import type { DoneFuncWithErrOrRes, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the service is about to stop. */
    isDraining(): boolean
    /** Starts to drain: `/readyz` fails, and each connection is closed after its next response. All requests are still served. */
    startDraining(): void
  }
}

/** Drains connections before the service stops, so that load balancers move on without a failed request. */
export const draining = fp(async (app) => {
  let isDraining = false
  app.decorate('isDraining', () => isDraining)
  app.decorate('startDraining', () => {
    isDraining = true
  })

  // The hook runs on sending, because a request may have arrived before the draining started.
  app.addHook(
    'onSend',
    (_request: FastifyRequest, reply: FastifyReply, _payload: unknown, done: DoneFuncWithErrOrRes) => {
      if (isDraining) reply.header('connection', 'close')
      done()
    }
  )
})
