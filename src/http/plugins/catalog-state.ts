import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import type { DatabaseState, StateCache } from '../../store/state-cache.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Hook: sets `request.state`. */
    readState: onRequestHookHandler
  }
  interface FastifyRequest {
    /** The revision of the catalog and the other state that every request needs, as of the arrival of the request. */
    state: DatabaseState
  }
}

/** Gives each request one consistent view of the database's state. Reads the database only if it was written to since the last read. */
export const catalogState = fp<{ stateCache: StateCache }>(async (app, { stateCache }) => {
  app.decorateRequest('state')
  app.decorate('readState', (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
    const state = stateCache.current()
    if (state) {
      request.state = state
      done()
      return
    }
    stateCache.renew().then((state) => {
      request.state = state
      done()
    }, done)
  })
})
