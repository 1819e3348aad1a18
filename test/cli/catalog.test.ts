import { cpSync, readFileSync } from 'node:fs'
import t from 'tap'
import { createFolder } from '../helpers/folder.js'
import { command, TestProcess } from '../helpers/process.js'
import { isDeep } from '../helpers/runs.js'

const { bin, version } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: object; version: string }
const COMMANDS = ['accounts', 'keys', 'source', 'sync', 'import', 'export', 'restored']

t.test('help and usage need no valid configuration', async (t) => {
  const run = (...args: string[]) =>
    new TestProcess(t, command('src/cli/catalog.js', ...args), { DATABASE_URL: 'nonsense' }).finished
  for (const args of [['--help'], ['-h'], ['help']]) {
    const { code, stdout, stderr } = await run(...args)
    t.match({ code, stderr }, { code: 0, stderr: '' })
    t.match(stdout, /^Usage: catalog COMMAND/)
    t.strictSame(
      [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name),
      COMMANDS
    )
  }
  const ways = [['--help'], ['-h'], ['help'], ['list', '--help'], ['--colour', '-h']]
  for (const [i, name] of COMMANDS.entries()) {
    // All commands look for help in the same code.
    for (const args of isDeep ? ways : [ways[i % ways.length] as string[]]) {
      const usage = new RegExp(`^Usage: catalog ${name}`)
      t.match(await run(name, ...args), { code: 0, stdout: usage, stderr: '' }, [name, ...args].join(' '))
    }
  }
  t.match(await run('--version'), { code: 0, stdout: `${version}\n`, stderr: '' })
})

t.test('a missing or unknown command is an error that lists the commands', async (t) => {
  const run = (...args: string[]) => new TestProcess(t, command('src/cli/catalog.js', ...args), {}).finished
  t.match(await run(), { code: 1, stdout: '', stderr: /^COMMAND is missing\.\n\nUsage: catalog COMMAND/ })
  for (const name of ['acounts', 'constructor', '--colour']) {
    const stderr = new RegExp(`^The command "${name}" is unknown\\.\n\nUsage: catalog COMMAND`)
    t.match(await run(name), { code: 1, stdout: '', stderr })
  }
})

t.test('package.json declares the program, and its shebang runs Node.js', async (t) => {
  t.strictSame(bin, { catalog: 'dist/src/cli/catalog.js' })
  t.match(readFileSync('dist/src/cli/catalog.js', 'utf8'), /^#!\/usr\/bin\/env node\n/)
})

t.test('npm runs the built program without building it, and reports a missing build', async (t) => {
  const run = (cwd: string) =>
    new TestProcess(t, ['npm', 'run', '--silent', 'catalog', '--', '--version'], {}, { cwd }).finished
  t.match(await run('.'), { code: 0, stdout: `${version}\n`, stderr: '' })

  const folder = createFolder(t)
  cpSync('package.json', `${folder}/package.json`)
  t.match(await run(folder), { code: 1, stdout: '', stderr: 'The service is not built yet. Run: npm run build\n' })
})
