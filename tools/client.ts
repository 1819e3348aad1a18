/* Generates the TypeScript client from the OpenAPI document: `npm run client`. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import type { OpenAPIV3 } from 'openapi-types'
import { parse } from 'yaml'
import { version } from '../src/version.js'
import { renderOperations, renderTypes } from './client/render.js'
import { renderOpenapi } from './render-openapi.js'

const FOLDER = 'clients/typescript'
const PACKAGE = `${FOLDER}/package.json`

// Parsed from YAML, so that the client is generated from the published document.
const document = parse(await renderOpenapi()) as OpenAPIV3.Document
writeFileSync(`${FOLDER}/src/generated/types.ts`, renderTypes(document))
writeFileSync(`${FOLDER}/src/generated/operations.ts`, renderOperations(document))
copyFileSync('LICENSE', `${FOLDER}/LICENSE`)
const pkg = JSON.parse(readFileSync(PACKAGE, 'utf8')) as object
writeFileSync(PACKAGE, `${JSON.stringify({ ...pkg, version }, null, 2)}\n`)
