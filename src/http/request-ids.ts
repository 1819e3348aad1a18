import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { REQUEST_ID_MAX } from '../../schemas/problem.js'

/** Characters that are safe in logs, headers and shells. */
const WELL_FORMED = new RegExp(`^[A-Za-z0-9._~:/+=@-]{1,${REQUEST_ID_MAX}}$`)

/** Returns the id that the client sent in `X-Request-Id`; undefined if it is missing or malformed. */
export function clientRequestId({ headers }: IncomingMessage): string | undefined {
  // Node.js joins several such headers with a comma, which is not a valid character.
  const id = headers['x-request-id'] as string | undefined
  return id !== undefined && WELL_FORMED.test(id) ? id : undefined
}

/**
 * Creates a function that returns the id of a request: the one that the client sent, or a new UUID (version 4). The UUIDs of one process
 * share a prefix, because a counter is cheaper than a new random UUID.
 */
export function createRequestIds(): (request: IncomingMessage) => string {
  const start = randomUUID().slice(0, -12)
  let count = 0
  return (request) => clientRequestId(request) ?? start + (++count).toString(16).padStart(12, '0')
}
