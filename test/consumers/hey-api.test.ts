import t from 'tap'
import { bin, CLIENTS, checkNames, exercise, run } from './helpers/client.js'
import { OUT } from './helpers/report.js'
import { compileTypeScript, versionOf } from './helpers/typescript.js'

t.test('@hey-api/openapi-ts makes a client that works', async (t) => {
  await run(bin('openapi-ts'), ['-f', `${CLIENTS}/typescript/hey-api.config.js`], { cwd: `${CLIENTS}/..` })
  checkNames(t, `${OUT}/hey-api`, '.ts', ['Options2'])
  await exercise(t, '@hey-api/openapi-ts', versionOf('@hey-api/openapi-ts'), [
    'node',
    await compileTypeScript('hey-api')
  ])
})
