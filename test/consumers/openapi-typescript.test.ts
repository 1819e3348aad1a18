import t from 'tap'
import { bin, CLIENTS, checkNames, DOCUMENT, exercise, run } from './helpers/client.js'
import { OUT } from './helpers/report.js'
import { compileTypeScript, versionOf } from './helpers/typescript.js'

t.test('openapi-typescript types what openapi-fetch sends and gets', async (t) => {
  const folder = `${OUT}/openapi-typescript`
  await run(bin('openapi-typescript'), [DOCUMENT, '-o', `${folder}/catalog.ts`], { cwd: CLIENTS })
  // Its components are fields of one interface.
  checkNames(t, folder, '.ts', [], /^ {8}(\w+): /gm)
  const version = `${versionOf('openapi-typescript')}, ${versionOf('openapi-fetch')}`
  await exercise(t, 'openapi-typescript, openapi-fetch', version, [
    'node',
    await compileTypeScript('openapi-typescript')
  ])
})
