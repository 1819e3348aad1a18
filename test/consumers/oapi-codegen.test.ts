import { copyFileSync, readFileSync } from 'node:fs'
import { CLIENTS, checkNames, exercise, run, testClient } from './helpers/client.js'
import { generateAsDocumented } from './helpers/documented.js'
import { OUT } from './helpers/report.js'

const NAME = 'oapi-codegen'
const source = `${CLIENTS}/${NAME}`
const modules = {
  'go.mod': readFileSync(`${source}/go.mod`, 'utf8'),
  'go.sum': readFileSync(`${source}/go.sum`, 'utf8')
}
const [, version] = modules['go.mod'].match(/oapi-codegen\/v2 v(\S+)/) as RegExpMatchArray

testClient(NAME, version as string, ['go'], async (t) => {
  const folder = `${OUT}/${NAME}`
  await generateAsDocumented(t, 'clients/go', NAME, folder, modules)
  checkNames(t, folder, '.go')
  copyFileSync(`${source}/main.go`, `${folder}/main.go`)
  await run('go', ['build', '-o', 'consumer', '.'], { cwd: folder })
  return await exercise(t, [`${folder}/consumer`])
})
