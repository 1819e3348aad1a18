import { stringify } from 'yaml'
import { buildApi } from '../src/app.js'
import { readConfig } from '../src/config.js'

/** Returns the OpenAPI document of the service as YAML. Uses no database and opens no port. */
export async function renderOpenapi(): Promise<string> {
  const app = await buildApi({ ...readConfig({}), logLevel: 'silent' })
  await app.ready()
  return stringify(app.swagger(), { lineWidth: 0 })
}
