import { readFileSync } from 'node:fs'
import type { OpenAPIV3 } from 'openapi-types'
import { parse } from 'yaml'

/** The committed document. */
export const yaml = readFileSync('openapi.yaml', 'utf8')
export const document = parse(yaml) as OpenAPIV3.Document

export interface Operation {
  id: string
  method: string
  path: string
  operation: OpenAPIV3.OperationObject
}

/** All operations of the document, in order. */
export const operations: Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, OpenAPIV3.OperationObject>).map(([method, operation]) => ({
    id: operation.operationId as string,
    method,
    path,
    operation
  }))
)
