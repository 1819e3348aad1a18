/* Prints the OpenAPI document: `npm run openapi` writes it to openapi.yaml. */
import { renderOpenapi } from '../openapi.js'

process.stdout.write(await renderOpenapi())
