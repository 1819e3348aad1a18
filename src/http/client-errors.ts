import { randomUUID } from 'node:crypto'
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { ProblemError, type ProblemName, problemHeaders, toProblem } from './problems.js'
import { clientRequestId } from './request-ids.js'

/** Milliseconds from the response to the end of the connection. */
const LINGER = 1000

/** Problems by error code of Node.js. Any other code means that the bytes are not HTTP. */
const problemsByCode: Record<string, { name: ProblemName; detail?: string }> = {
  HPE_HEADER_OVERFLOW: { name: 'headers-too-large' },
  ERR_HTTP_REQUEST_TIMEOUT: { name: 'request-timeout' },
  // curl sends the characters of a URL as they are.
  HPE_INVALID_URL: {
    name: 'malformed-request',
    detail: 'The path and the query must be percent-encoded: they can contain only visible ASCII characters.'
  }
}

/** Responds to bytes that did not become a request (not HTTP, too many, too slow), then closes the connection. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  // If a response has already started, the client would read a problem as part of it. Node.js decides in the same way.
  const { _httpMessage: response } = socket as Socket & { _httpMessage?: ServerResponse | null }
  if (error.code === 'ECONNRESET' || !socket.writable || response?.headersSent) {
    socket.destroy()
    return
  }
  const { name, detail } = problemsByCode[String(error.code)] ?? { name: 'malformed-request' }
  const problem = new ProblemError(name, detail)
  // If the connection waits for the response to a request, the client gets the problem instead.
  const id = (response && clientRequestId(response.req)) ?? randomUUID()
  const body = JSON.stringify(toProblem(problem, id))
  const headers = { ...problemHeaders(id), 'Content-Length': Buffer.byteLength(body), Connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${problem.statusCode} ${STATUS_CODES[problem.statusCode]}\r\n${lines.join('')}\r\n${body}`)
  // A client may keep sending on a half-closed connection. `LINGER` is its time to read the response.
  setTimeout(() => socket.destroy(), LINGER)
}
