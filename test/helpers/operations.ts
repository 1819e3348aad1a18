import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'

// biome-ignore lint/suspicious/noExplicitAny: a document is read here as any other program would
type Any = any

export interface Parameter {
  in: 'query' | 'path' | 'header'
  name: string
  schema: { type: string; maxLength?: number; pattern?: string; items?: object }
}

export interface Operation {
  operationId: string
  method: string
  path: string
  security: object[] | undefined
  parameters: Parameter[]
  /** The media types of its body; none where it takes no body. */
  mediaTypes: string[]
  responses: Record<string, object>
}

const document: Any = parse(await readFile(new URL('../../openapi.yaml', import.meta.url), 'utf8'))

/** The operations of the committed document. */
export const operations: Operation[] = Object.entries<Any>(document.paths).flatMap(([path, methods]) =>
  Object.entries<Any>(methods).map(([method, { operationId, security, parameters, requestBody, responses }]) => ({
    operationId,
    method: method.toUpperCase(),
    path,
    security,
    parameters: parameters ?? [],
    mediaTypes: Object.keys(requestBody?.content ?? {}),
    responses
  }))
)
