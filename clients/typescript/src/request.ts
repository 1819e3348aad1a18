import type { Operation, Upload } from './operation.js'

/** A request for an operation, ready to be sent. */
export interface PreparedRequest {
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: Upload
}

interface Given {
  body?: unknown
  accept?: string | undefined
  [name: string]: unknown
}

/** @param base Address of the service, without a slash at the end. */
export function prepareRequest(base: string, operation: Operation, given: Given): PreparedRequest {
  const { contentType } = operation
  const { body, accept = operation.accept, ...parameters } = given
  const headers: Record<string, string> = {
    ...(accept !== undefined && { accept }),
    ...(body !== undefined && contentType !== undefined && { 'content-type': contentType })
  }
  const query = new URLSearchParams()
  let { path } = operation
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue
    const header = operation.headers?.[name]
    if (header !== undefined) headers[header] = String(value)
    else if (path.includes(`{${name}}`)) path = path.replace(`{${name}}`, encodeURIComponent(String(value)))
    else for (const one of [value].flat()) query.append(name, String(one))
  }
  // So that it can be sent again, and is carried out once.
  if (operation.headers && 'idempotencyKey' in operation.headers) headers['Idempotency-Key'] ??= randomKey()
  return {
    url: `${base}${path}?${query}`.replace(/\?$/, ''),
    method: operation.method,
    headers,
    ...(body !== undefined && { body: isJson(contentType) ? JSON.stringify(body) : (body as Upload) })
  }
}

const isJson = (mediaType = '') => /[/+]json$/.test(mediaType)

/** 128 random bits. `crypto.randomUUID` is not there on pages that came by plain http. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
