import { checkNames, exercise, testClient } from './helpers/client.js'
import { generateAsDocumented } from './helpers/documented.js'
import { OUT, versionOf } from './helpers/report.js'
import { compileTypeScript } from './helpers/typescript.js'

testClient('orval', versionOf('orval'), [], async (t) => {
  await generateAsDocumented(t, 'clients/typescript', 'orval', `${OUT}/orval`, {
    'orval.config.js': { language: 'js' }
  })
  checkNames(t, `${OUT}/orval`, '.ts')
  return await exercise(t, ['node', await compileTypeScript('orval')])
})
