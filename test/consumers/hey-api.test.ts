import { readFileSync } from 'node:fs'
import { CLIENTS, checkNames, exercise, testClient } from './helpers/client.js'
import { generateAsDocumented } from './helpers/documented.js'
import { OUT, versionOf } from './helpers/report.js'
import { compileTypeScript } from './helpers/typescript.js'

testClient('@hey-api/openapi-ts', versionOf('@hey-api/openapi-ts'), [], async (t) => {
  const config = readFileSync(`${CLIENTS}/typescript/tsconfig.json`, 'utf8')
  await generateAsDocumented(t, 'clients/typescript', 'hey-api', `${OUT}/hey-api`, { 'tsconfig.json': config })
  checkNames(t, `${OUT}/hey-api/catalog`, '.ts', ['Options2'])
  return await exercise(t, ['node', await compileTypeScript('hey-api')])
})
