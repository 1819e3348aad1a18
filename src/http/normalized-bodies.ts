import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { normalizeTexts } from '../products/product-text.js'
import { isObject } from '../support/is-object.js'

/** Hook: normalizes the text of a body before the validation, so that the rules of the schema apply to the values that the service stores. */
export function normalizeBody(request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void {
  if (isObject(request.body)) request.body = normalizeTexts(request.body)
  done()
}
