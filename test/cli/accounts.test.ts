import t, { type Test } from 'tap'
import { ADMIN, startApp, type TestApp } from '../helpers/app.js'
import { createFolder } from '../helpers/folder.js'
import { command, TestProcess } from '../helpers/process.js'
import { sample } from '../helpers/runs.js'

const run = (t: Test, databaseUrl: string, args: string[], input: string | Buffer = '') =>
  new TestProcess(t, command('src/cli/catalog.js', 'accounts', ...args), { DATABASE_URL: databaseUrl }, { input })
    .finished

t.test('the commands manage accounts while the service runs', async (t) => {
  const app = await startApp(t)
  const accounts = (args: string[], input?: string | Buffer) => run(t, app.config.databaseUrl, args, input)
  const ada = { username: 'ada', password: 'correct horse' }

  t.match(await accounts(['add', 'ada', '--role', 'editor'], `${ada.password}\n`), {
    code: 0,
    stdout: 'Added ada, editor.\n'
  })
  t.equal((await app.signIn(ada)).body.scope, 'catalog:read catalog:write')

  t.match(await accounts(['add', 'bob'], 'another horse'), { code: 0, stdout: 'Added bob, reader.\n' })
  const { stdout } = await accounts(['list'])
  t.match(stdout, /^ada\teditor\tsince \S+\nadmin\tadmin\tsince \S+\nbob\treader\tsince \S+\n$/)

  const { token } = (await app.signIn(ada)).body
  t.equal(await historyStatus(app, token, 404), 404, 'an editor may look for the history of a product')
  t.match(await accounts(['role', 'ada', 'reader']), { code: 0, stdout: 'ada now has the role reader.\n' })
  t.equal(await historyStatus(app, token, 403), 403)
  t.match(await accounts(['role', 'ada', 'admin']), { code: 0, stdout: 'ada now has the role admin.\n' })
  t.equal((await app.signIn(ada)).body.scope, 'catalog:read catalog:write catalog:sync accounts:admin')
  t.match(await accounts(['role', 'ada', 'reader']), { code: 0 })

  t.match(await accounts(['password', 'ada'], 'a new password'), { code: 0, stdout: 'Changed the password of ada.\n' })
  t.equal((await app.signIn(ada)).status, 401)
  t.equal((await app.signIn({ ...ada, password: 'a new password' })).status, 200)

  // As PowerShell pipes it, from a keyboard that sends a letter and its accent separately.
  t.match(await accounts(['password', 'ada'], '\uFEFFcafe\u0301 au lait\r\n'), { code: 0 })
  t.equal((await app.signIn({ ...ada, password: 'caf\u00e9 au lait' })).status, 200)
  const latin1 = await accounts(['password', 'ada'], Buffer.from('caf\u00e9 cr\u00e8me', 'latin1'))
  t.match(latin1, { code: 1, stderr: 'The password must be UTF-8.' })

  t.match(await accounts(['remove', 'ada']), { code: 0, stdout: 'Removed ada.\n' })
  t.equal((await app.signIn({ ...ada, password: 'caf\u00e9 au lait' })).status, 401)
})

/** Returns the status of a request that needs an editor. Waits for it, because the service sees the other process's write with a delay. */
async function historyStatus(app: TestApp, token: string, expected: number): Promise<number> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const { status } = await app.request('/products/1/history', { token })
    if (status === expected || Date.now() > deadline) return status
  }
}

t.test('invalid arguments print an error and change nothing', async (t) => {
  const app = await startApp(t)
  const accounts = (args: string[], input?: string) => run(t, app.config.databaseUrl, args, input)

  const cases: [string[], string, RegExp][] = [
    [[], '', /^COMMAND is missing\.\n\nUsage: catalog accounts COMMAND\n/],
    [['add'], '', /^USERNAME is missing\.\n\nUsage: /],
    [['constructor', 'x'], '', /^The command "constructor" is unknown\.\n\nUsage: /],
    [['list', 'admin'], '', /^Too many arguments\.\n\nUsage: /],
    [['add', 'ada', 'secret-on-the-command-line'], '', /^Too many arguments\.\n\nUsage: /],
    [['add', 'ada', '--password', 'x'], '', /^Unknown option '--password'\.\n\nUsage: /],
    [['add', 'ada', '--role', 'king'], 'long enough', /^ROLE must be one of reader, editor, admin\.\n\nUsage: /],
    [['remove', 'admin', '--role', 'admin'], '', /^Only the command add accepts --role\.\n\nUsage: /],
    [['role', 'admin'], '', /^ROLE must be one of /],
    [['role', 'admin', 'king'], '', /^ROLE must be one of /],
    [['role', 'admin', 'admin', 'reader'], '', /^Too many arguments\./],
    [['role', 'admin', 'reader', '--role', 'reader'], '', /^Only the command add accepts --role\./],
    [['role', 'admin', 'editor'], '', /^admin is the only admin\./],
    [['role', 'nobody', 'reader'], '', /^There is no account nobody\. `catalog accounts list` /m],
    [['add', 'no spaces'], 'long enough', /^USERNAME must start with a letter or a digit.* \(got "no spaces"\)\.$/m],
    [['add', 'x'.repeat(65)], 'long enough', /^USERNAME .* at most 64 characters/],
    [['add', 'ada'], 'short', /^The password must have 8 to 256 characters \(got 5\)\.$/m],
    [['add', 'admin'], 'long enough', /^The account admin already exists\./m],
    [['remove', 'nobody'], '', /^There is no account nobody\. `catalog accounts list` /m],
    [['remove', 'admin'], '', /^admin is the only admin\./],
    [['password', 'nobody'], 'long enough', /^There is no account nobody\. `catalog accounts list` /m]
  ]
  for (const [args, input, message] of sample(cases, 4)) {
    const { code, stderr, stdout } = await accounts(args, input)
    t.equal(code, 1, args.join(' '))
    t.match(stderr, message)
    t.notMatch(stderr, 'secret-on-the-command-line')
    t.equal(stdout, '')
  }
  t.equal((await accounts(['list'])).stdout.split('\n').length, 2)
  t.equal((await app.signIn(ADMIN)).status, 200)

  const { code, stderr } = await run(t, 'nonsense', ['list'])
  t.equal(code, 1)
  t.match(stderr, /DATABASE_URL must be file:PATH, or postgres:/)
})

t.test('on a terminal, the command prompts for the password twice and does not echo it', async (t) => {
  const databaseUrl = `file:${createFolder(t)}/catalog.db`
  const onTerminal = (args: string[]) => {
    const words = command('src/cli/catalog.js', 'accounts', ...args)
    const wrapped =
      process.platform === 'linux'
        ? ['script', '-qefc', words.map((word) => `'${word}'`).join(' '), '/dev/null']
        : ['script', '-q', '/dev/null', ...words]
    return new TestProcess(t, wrapped, { DATABASE_URL: databaseUrl, TERM: 'dumb' }, { terminal: true })
  }
  const typePasswords = async (process: TestProcess, first: string, second: string) => {
    await process.printed(/Password: /)
    process.child.stdin?.write(`${first}\r`)
    await process.printed(/Repeat the password: /)
    process.child.stdin?.write(`${second}\r`)
    return await process.finished
  }

  const added = await typePasswords(onTerminal(['add', 'ada']), 'typed by hand', 'typed by hand')
  t.equal(added.code, 0)
  t.match(added.stdout, 'Added ada, reader.')
  t.notMatch(added.stdout, 'typed by hand')

  const mistyped = await typePasswords(onTerminal(['add', 'bob']), 'typed by hand', 'typed by foot')
  t.equal(mistyped.code, 1)
  t.match(mistyped.stdout, 'The two passwords differ.')

  const interrupted = onTerminal(['add', 'bob'])
  await interrupted.printed(/Password: /)
  interrupted.child.stdin?.write('\x03')
  t.match(await interrupted.finished, { code: 1, stdout: /Nothing was changed\./ })
})
