import { bin, CLIENTS, checkNames, exercise, run, testClient } from './helpers/client.js'
import { OUT, versionOf } from './helpers/report.js'
import { compileTypeScript } from './helpers/typescript.js'

testClient('orval', versionOf('orval'), [], async (t) => {
  await run(bin('orval'), ['--config', `${CLIENTS}/typescript/orval.config.js`], { cwd: CLIENTS })
  checkNames(t, `${OUT}/orval`, '.ts')
  return await exercise(t, ['node', await compileTypeScript('orval')])
})
