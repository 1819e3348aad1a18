import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { normalizeTexts } from '../products/product-text.js'

/** Hook: normalizes the text of a body before the validation, so that the rules of the schema apply to the values that the service stores. */
export function normalizeBody(request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void {
  if (isObject(request.body)) request.body = normalizeTexts(request.body)
  done()
}

/** Returns whether a body is a JSON object. */
export const isObject = (body: unknown): body is object =>
  typeof body === 'object' && body !== null && !Array.isArray(body)
