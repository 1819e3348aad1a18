import { stringify } from 'yaml'
import { buildApi } from '../src/app.js'
import { readConfig } from '../src/config.js'

/** The OpenAPI document of the service, as YAML. It takes no database, no network and no port. */
export async function renderOpenapi(): Promise<string> {
  const app = await buildApi({ ...readConfig({}), logLevel: 'silent' })
  await app.ready()
  return stringify(app.swagger(), { lineWidth: 0 })
}
