import { bin, CLIENTS, checkNames, DOCUMENT, exercise, run, testClient } from './helpers/client.js'
import { OUT, versionOf } from './helpers/report.js'
import { compileTypeScript } from './helpers/typescript.js'

testClient(
  'openapi-typescript, openapi-fetch',
  `${versionOf('openapi-typescript')}, ${versionOf('openapi-fetch')}`,
  [],
  async (t) => {
    const folder = `${OUT}/openapi-typescript`
    await run(bin('openapi-typescript'), [DOCUMENT, '-o', `${folder}/catalog.ts`], { cwd: CLIENTS })
    // Its components are fields of one interface.
    checkNames(t, folder, '.ts', [], /^ {8}(\w+): /gm)
    return await exercise(t, ['node', await compileTypeScript('openapi-typescript')])
  }
)
