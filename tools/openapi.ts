/* Prints the OpenAPI document: `npm run openapi` writes it to openapi.yaml. */
import { renderOpenapi } from './render-openapi.js'

process.stdout.write(await renderOpenapi())
