import { bin, CLIENTS, checkNames, exercise, run, testClient } from './helpers/client.js'
import { OUT, versionOf } from './helpers/report.js'
import { compileTypeScript } from './helpers/typescript.js'

testClient('@hey-api/openapi-ts', versionOf('@hey-api/openapi-ts'), [], async (t) => {
  await run(bin('openapi-ts'), ['-f', `${CLIENTS}/typescript/hey-api.config.js`], { cwd: `${CLIENTS}/..` })
  checkNames(t, `${OUT}/hey-api`, '.ts', ['Options2'])
  return await exercise(t, ['node', await compileTypeScript('hey-api')])
})
