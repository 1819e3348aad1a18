import { readFile, writeFile } from 'node:fs/promises'
import t from 'tap'
import { Environment } from '../schemas/config.js'
import { fillIn } from '../src/readme.js'
import { createFolder } from './helpers/folder.js'
import { command, TestProcess } from './helpers/process.js'

const readme = await readFile('README.md', 'utf8')

t.test('the table of environment variables is what the schema says', async (t) => {
  t.equal(readme, fillIn(readme), 'run `npm run readme`')
  for (const name of Object.keys(Environment.properties)) t.match(readme, `| \`${name}\` |`)
})

t.test('npm run readme puts a table right, and leaves the rest alone', async (t) => {
  const folder = createFolder(t)
  await writeFile(`${folder}/README.md`, readme.replace('| `5000` |', '| `5001` |'))

  t.match(await new TestProcess(t, command('src/cli/readme.js'), {}, { cwd: folder }).finished, { code: 0 })

  t.equal(await readFile(`${folder}/README.md`, 'utf8'), readme)
})
