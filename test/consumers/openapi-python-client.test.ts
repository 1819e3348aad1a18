import { mkdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { createFolder } from '../helpers/folder.js'
import { CLIENTS, checkNames, DOCUMENT, exercise, run, testClient } from './helpers/client.js'
import { python, versionOfPackage } from './helpers/python.js'
import { OUT } from './helpers/report.js'
import { PASSWORD, startService } from './helpers/service.js'

const NAME = 'openapi-python-client'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const section = readme.split('\n### …Python\n')[1] as string
/** How the client is made, and how it is used, as the README says. */
const snippets = [...section.matchAll(/```\w+\n(.*?)```/gs)].slice(0, 2).map(([, code]) => code as string)

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

  await t.test('as the README says', async (t) => {
    const { url } = await startService(t)
    const [shell, program] = snippets.map((code) =>
      code.replaceAll('http://localhost:5000', url).replaceAll('PASSWORD', PASSWORD)
    ) as [string, string]
    const generated = createFolder(t)
    // What pip would install is there.
    const [, generate] = shell.split('\n') as [string, string]
    const env = { ...process.env, PATH: `${dirname(await python())}${delimiter}${process.env.PATH}` }
    await run('bash', ['-euc', generate], { cwd: generated, env })
    const printed = await run(await python(), ['-c', program], { cwd: `${generated}/product-catalog-client`, env })
    t.match(printed, /^.+ [\d.]+\n/)
    t.match(printed, /\nThere is no such product [\w-]+\n$/)
  })

  return await exercise(t, [await python(), `${CLIENTS}/${NAME}/consumer.py`], { PYTHONPATH: folder })
})
