import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { CLIENTS, checkNames, DOCUMENT, exercise, run, testClient } from './helpers/client.js'
import { python, versionOfPackage } from './helpers/python.js'
import { OUT } from './helpers/report.js'

const NAME = 'openapi-python-client'

testClient(NAME, versionOfPackage(NAME), ['python3'], async (t) => {
  const folder = `${OUT}/${NAME}`
  const config = `${CLIENTS}/${NAME}/config.yaml`
  const options = ['--path', DOCUMENT, '--config', config, '--meta', 'none', '--fail-on-warning', '--overwrite']
  mkdirSync(folder, { recursive: true })
  await run(`${dirname(await python())}/${NAME}`, [
    'generate',
    ...options,
    '--output-path',
    `${folder}/product_catalog`
  ])
  checkNames(t, folder, '.py')
  return await exercise(t, [await python(), `${CLIENTS}/${NAME}/consumer.py`], { PYTHONPATH: folder })
})
