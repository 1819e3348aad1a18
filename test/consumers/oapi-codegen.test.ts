import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { CLIENTS, checkNames, DOCUMENT, exercise, run, testClient } from './helpers/client.js'
import { OUT } from './helpers/report.js'

const source = `${CLIENTS}/oapi-codegen`
const [, version] = readFileSync(`${source}/go.mod`, 'utf8').match(/oapi-codegen\/v2 v(\S+)/) as RegExpMatchArray

testClient('oapi-codegen', version as string, ['go'], async (t) => {
  const folder = `${OUT}/oapi-codegen`
  mkdirSync(`${folder}/catalog`, { recursive: true })
  for (const file of ['go.mod', 'go.sum', 'main.go']) copyFileSync(`${source}/${file}`, `${folder}/${file}`)
  await run('go', ['tool', 'oapi-codegen', '--config', `${source}/config.yaml`, DOCUMENT], { cwd: folder })
  checkNames(t, folder, '.go')
  await run('go', ['build', '-o', 'consumer', '.'], { cwd: folder })
  return await exercise(t, [`${folder}/consumer`])
})
