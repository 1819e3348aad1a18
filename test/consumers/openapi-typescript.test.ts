import { checkNames, exercise, testClient } from './helpers/client.js'
import { generateAsDocumented } from './helpers/documented.js'
import { OUT, versionOf } from './helpers/report.js'
import { compileTypeScript } from './helpers/typescript.js'

testClient(
  'openapi-typescript, openapi-fetch',
  `${versionOf('openapi-typescript')}, ${versionOf('openapi-fetch')}`,
  [],
  async (t) => {
    const folder = `${OUT}/openapi-typescript`
    await generateAsDocumented(t, 'clients/typescript', 'openapi-typescript', folder)
    // The generator renders components as fields of one interface.
    checkNames(t, folder, '.ts', [], /^ {8}(\w+): /gm)
    return await exercise(t, ['node', await compileTypeScript('openapi-typescript')])
  }
)
