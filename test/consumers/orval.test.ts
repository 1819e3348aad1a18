import t from 'tap'
import { bin, CLIENTS, checkNames, exercise, run } from './helpers/client.js'
import { OUT } from './helpers/report.js'
import { compileTypeScript, versionOf } from './helpers/typescript.js'

t.test('orval makes a client that works', async (t) => {
  await run(bin('orval'), ['--config', `${CLIENTS}/typescript/orval.config.js`], { cwd: CLIENTS })
  checkNames(t, `${OUT}/orval`, '.ts')
  await exercise(t, 'orval', versionOf('orval'), ['node', await compileTypeScript('orval')])
})
