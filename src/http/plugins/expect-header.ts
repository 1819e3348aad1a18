import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import fp from 'fastify-plugin'
import { ProblemError } from '../problems.js'

/**
 * Handles `Expect` (RFC 9110, section 10.1.1). The service sends `100 Continue` when it starts to read the body. If it rejects the request
 * earlier, the client gets that response instead, and Node.js closes the connection, because the client may never send the body.
 */
export const handleExpectations = fp(async (app) => {
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const { _read: read } = request
    request._read = function (size) {
      request._read = read
      // A body that is read after the response is only discarded.
      if (!response.headersSent) response.writeContinue()
      read.call(this, size)
    }
    app.server.emit('request', request, response)
  })
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))

  app.addHook('onRequest', ({ raw }: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction) => {
    const { expect } = raw.headers
    const isKnown = expect === undefined || expect.toLowerCase() === '100-continue'
    done(isKnown ? undefined : new ProblemError('expectation-failed', 'Expect must be 100-continue.'))
  })
})
