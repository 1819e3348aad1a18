import type { Operation, Upload } from './operation.js'

/** The request of an operation, without its token. */
export interface PreparedRequest {
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: Upload
}

interface Parameters {
  body?: unknown
  accept?: string | undefined
  [name: string]: unknown
}

/**
 * Builds the request of an operation.
 * @param baseUrl Address of the service, without a trailing slash.
 */
export function prepareRequest(baseUrl: string, operation: Operation, parameters: Parameters): PreparedRequest {
  const { contentType } = operation
  const { body, accept = operation.accept, ...others } = parameters
  const headers: Record<string, string> = {
    ...(accept !== undefined && { accept }),
    ...(body !== undefined && contentType !== undefined && { 'content-type': contentType })
  }
  const query = new URLSearchParams()
  let { path } = operation
  for (const [name, value] of Object.entries(others)) {
    if (value === undefined) continue
    const header = operation.headers?.[name]
    if (header !== undefined) headers[header] = String(value)
    else if (path.includes(`{${name}}`)) path = path.replace(`{${name}}`, encodeURIComponent(String(value)))
    else for (const item of [value].flat()) query.append(name, String(item))
  }
  // With a key, the service carries out the request only once, even if the client retries it.
  if (operation.headers && 'idempotencyKey' in operation.headers) headers['Idempotency-Key'] ??= randomKey()
  return {
    url: `${baseUrl}${path}?${query}`.replace(/\?$/, ''),
    method: operation.method,
    headers,
    ...(body !== undefined && { body: isJson(contentType) ? JSON.stringify(body) : (body as Upload) })
  }
}

const isJson = (mediaType = '') => /[/+]json$/.test(mediaType)

/** Returns 128 random bits in hexadecimal. Browsers do not offer `crypto.randomUUID` on pages without HTTPS. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
