import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

// biome-ignore lint/suspicious/noExplicitAny: the document is read as untyped YAML
type Any = any

export interface Parameter {
  in: 'query' | 'path' | 'header'
  name: string
  required?: boolean
  schema: { type: string; maxLength?: number; pattern?: string; items?: object }
}

export interface Operation {
  operationId: string
  method: string
  path: string
  security: object[] | undefined
  parameters: Parameter[]
  /** Media types that it accepts for its body, the declared one first. Empty if it has no body. */
  mediaTypes: string[]
  /** Schema of the body, the same for all media types. */
  body: object | undefined
  responses: Record<string, object>
}

/** The committed document. */
export const document: Any = parse(readFileSync('openapi.yaml', 'utf8'))

/** The operations of the committed document. */
export const operations: Operation[] = Object.entries<Any>(document.paths).flatMap(([path, methods]) =>
  Object.entries<Any>(methods).map(([method, { operationId, security, parameters, requestBody, responses }]) => ({
    operationId,
    method: method.toUpperCase(),
    path,
    security,
    parameters: parameters ?? [],
    mediaTypes: [...Object.keys(requestBody?.content ?? {}), ...(requestBody?.['x-also-accepts'] ?? [])],
    body: Object.values<Any>(requestBody?.content ?? {})[0]?.schema,
    responses
  }))
)
