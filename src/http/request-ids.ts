import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { REQUEST_ID_MAX } from '../../schemas/problem.js'

/** Only characters that are safe in logs, headers and shells. */
const WELL_FORMED = new RegExp(`^[A-Za-z0-9._~:/+=@-]{1,${REQUEST_ID_MAX}}$`)

/** Returns the id that the caller gave the request in `X-Request-Id`; undefined if there is none, or it is not well-formed. */
export function givenId({ headers }: IncomingMessage): string | undefined {
  // Node.js joins the values of several such headers with a comma, which no id contains.
  const id = headers['x-request-id'] as string | undefined
  return id !== undefined && WELL_FORMED.test(id) ? id : undefined
}

/**
 * Creates a function that returns the id of a request: the one that the caller gave it, or a new UUID (version 4). The UUIDs of one
 * process share a prefix, because generating each of them from scratch takes longer.
 */
export function createRequestIds(): (request: IncomingMessage) => string {
  const start = randomUUID().slice(0, -12)
  let count = 0
  return (request) => givenId(request) ?? start + (++count).toString(16).padStart(12, '0')
}
