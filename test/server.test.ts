import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { createFolder } from './helpers/folder.js'
import { LEVELS, type LogLine } from './helpers/log.js'
import { PostgresServer } from './helpers/postgres-server.js'
import { command, TestProcess } from './helpers/process.js'
import { isDeep } from './helpers/runs.js'

const ADMIN_PASSWORD = 'a password for tests'

interface Options {
  folder?: string
  env?: NodeJS.ProcessEnv
  cwd?: string
}

const environment = (folder: string) => ({
  PORT: '0',
  DATABASE_URL: `file:${folder}/catalog.db`,
  SOURCE_URL: 'http://127.0.0.1:1'
})

function start(t: Test, { folder = createFolder(t), env, cwd }: Options = {}) {
  return new TestProcess(t, command('src/server.js'), { ...environment(folder), ...env }, { ...(cwd && { cwd }) })
}

/** Starts a service on a terminal, whose output is `stdout`. The output of the service itself is also in `folder`/stdout. */
function startOnTerminal(t: Test, folder: string) {
  const line = `${command('src/server.js').join(' ')} | tee -i ${folder}/stdout`
  const script = ['script', '--quiet', '--command', line, '/dev/null']
  return new TestProcess(t, script, environment(folder), { terminal: true })
}

const address = async (service: TestProcess) => (await service.printed(/Server listening at (http:[^"]+)/))[1] as string

/** Returns the log lines at level `warn` or higher. */
const linesOf = ({ stdout }: TestProcess) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine)
    .filter(({ level }) => level >= LEVELS.warn)

async function signIn(url: string, password: string): Promise<Response> {
  return await fetch(`${url}/auth`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password })
  })
}

t.test(
  'without a terminal, the first start writes the password of its account to a file that only its owner can read',
  async (t) => {
    const folder = createFolder(t)
    const first = start(t, { folder })
    const url = await address(first)
    const file = `${folder}/catalog.db-initial-password`
    const password = readFileSync(file, 'utf8').trimEnd()

    t.match(password, /^[\w-]{24}$/)
    t.equal((await signIn(url, password)).status, 200)
    t.match(linesOf(first), [
      { level: LEVELS.warn, account: 'admin', file, msg: /catalog\.js accounts password admin$/ }
    ])
    t.notMatch(first.stdout + first.stderr, password)
    for (const path of [file, `${folder}/catalog.db`]) t.equal(statSync(path).mode & 0o777, 0o600, path)
    first.child.kill('SIGTERM')
    t.match(await first.finished, { code: 0, signal: null })

    const second = start(t, { folder })
    t.equal((await signIn(await address(second), password)).status, 200)
    t.notMatch(second.stdout + second.stderr, 'password')
    t.equal(readFileSync(file, 'utf8').trimEnd(), password, 'the file is unchanged')
  }
)

const withoutTerminal = process.platform === 'linux' ? false : 'script of util-linux makes the terminal'

t.test(
  'on a terminal, the first start shows the password and writes it to no file',
  { skip: withoutTerminal },
  async (t) => {
    const folder = createFolder(t)
    const service = startOnTerminal(t, folder)
    const url = await address(service)
    const password = /password {2}(\S+)/.exec(service.stdout)?.[1] as string

    t.equal((await signIn(url, password)).status, 200)
    t.strictSame(
      readdirSync(folder).filter((name) => name.includes('password')),
      []
    )
    t.notMatch(readFileSync(`${folder}/stdout`, 'utf8'), password)
    service.child.stdin?.end('\x03')
    t.match(await service.finished, { code: 0 })
  }
)

t.test(
  'with PostgreSQL, the password of the first account is in var/, which is created',
  { skip: !isDeep },
  async (t) => {
    const folder = createFolder(t)
    const postgres = await PostgresServer.start(t)
    const service = start(t, { cwd: folder, env: { DATABASE_URL: await postgres.createDatabase() } })
    const url = await address(service)

    t.equal((await signIn(url, readFileSync(`${folder}/var/initial-password`, 'utf8').trimEnd())).status, 200)
    t.equal(statSync(`${folder}/var`).mode & 0o777, 0o700)
  }
)

t.test('if the password of the first account cannot be written, the start fails without an account', async (t) => {
  const folder = createFolder(t)
  const file = `${folder}/catalog.db-initial-password`
  const other = `${folder}/other`
  writeFileSync(other, 'of somebody else')
  symlinkSync(other, file)

  const { code, stdout, stderr } = await start(t, { folder }).finished

  t.equal(code, 1)
  t.match(
    stderr,
    /^The first account was not created, because its password cannot be written.*EEXIST.*catalog\.db-initial-password.*or set ADMIN_PASSWORD\.\n$/
  )
  t.notMatch(stdout, /"level":[456]0/)
  t.equal(readFileSync(other, 'utf8'), 'of somebody else')

  rmSync(file)
  const service = start(t, { folder })
  t.equal((await signIn(await address(service), readFileSync(file, 'utf8').trimEnd())).status, 200)
})

t.test('the command that the first start names changes the password', async (t) => {
  const folder = createFolder(t)
  const service = start(t, { folder })
  const url = await address(service)
  const [, change = ''] = /To change it: node ([^"]+)"/.exec(service.stdout) as RegExpExecArray
  const env = { DATABASE_URL: `file:${folder}/catalog.db` }
  const changed = new TestProcess(t, [process.execPath, ...change.split(' ')], env, { input: ADMIN_PASSWORD })
  t.match(await changed.finished, { code: 0, stdout: 'Changed the password of admin.\n' })
  t.equal((await signIn(url, ADMIN_PASSWORD)).status, 200)
})

t.test('a variable with a name similar to a setting causes a warning without its value', async (t) => {
  const folder = createFolder(t)
  const env = { RATE_LIMT: 'hunter2', ADMIN_PASSWORD }
  const service = start(t, { folder, env })
  await address(service)
  const warnings = service.stdout.split('\n').filter((line) => line.includes('RATE_LIMT'))
  t.equal(warnings.length, 1)
  const msg = 'The environment variable RATE_LIMT is unknown. Did you mean RATE_LIMIT?'
  t.match(JSON.parse(String(warnings)), { level: 40, msg })
  t.notMatch(service.stdout + service.stderr, 'hunter2')

  const list = command('src/cli/catalog.js', 'accounts', 'list')
  const accounts = new TestProcess(t, list, { ...env, DATABASE_URL: `file:${folder}/catalog.db` })
  t.match(await accounts.finished, { code: 0, stdout: /^admin\tadmin\t/, stderr: `${msg}\n` })
})

t.test('with HOST=localhost, the service listens on one address', async (t) => {
  const service = start(t, { env: { HOST: 'localhost', ADMIN_PASSWORD } })
  const url = await address(service)
  t.match(url, /^http:\/\/127\.0\.0\.1:/)
  t.equal((await signIn(url, ADMIN_PASSWORD)).status, 200)
  t.equal(service.stdout.match(/Server listening/g)?.length, 1)
  service.child.kill('SIGINT')
  t.match(await service.finished, { code: 0, signal: null })
})

t.test('every invalid variable is named, and the process exits with code 1', async (t) => {
  const { code, stderr, stdout } = await start(t, { env: { PORT: 'x', SYNC_INTERVAL: '0' } }).finished

  t.equal(code, 1)
  t.equal(stdout, '')
  t.match(
    stderr,
    /^Environment variables are not valid:\n {2}PORT must be an integer.*\n {2}SYNC_INTERVAL must be at least 1.*\n$/
  )
})

t.test('in production, the password of the first account must be set', async (t) => {
  const folder = createFolder(t)
  const failed = await start(t, { folder, env: { NODE_ENV: 'production' } }).finished
  t.equal(failed.code, 1)
  t.match(failed.stderr, 'Set ADMIN_PASSWORD to create the first account.')

  const service = start(t, { folder, env: { NODE_ENV: 'production', ADMIN_PASSWORD } })
  const url = await address(service)
  t.equal((await signIn(url, ADMIN_PASSWORD)).status, 200)
  t.equal((await fetch(`${url}/readyz`)).status, 503, 'no sample')
  t.notMatch(service.stdout + service.stderr, ADMIN_PASSWORD)
})

t.test('a port in use is an error, and the process exits', async (t) => {
  const first = start(t)
  const port = new URL(await address(first)).port

  const { code, stderr } = await start(t, { folder: createFolder(t), env: { PORT: port } }).finished

  t.equal(code, 1)
  t.match(stderr, 'EADDRINUSE')
})

t.test('an unexpected error is logged and ends the process', async (t) => {
  const [node = '', ...rest] = command('src/server.js')
  const fault = 'data:text/javascript,process.on("SIGWINCH", () => { throw new Error("a fault in the code") })'
  const env = { PORT: '0', DATABASE_URL: `file:${createFolder(t)}/catalog.db`, SOURCE_URL: 'http://127.0.0.1:1' }
  const service = new TestProcess(t, [node, '--import', fault, ...rest], env)
  await address(service)

  service.child.kill('SIGWINCH')

  const { code, stdout } = await service.finished
  t.equal(code, 1)
  t.match(stdout, /"level":60,.*"message":"a fault in the code"/)
})

t.test(
  'services that start concurrently on a new database share its tables, key and first account',
  { skip: !isDeep },
  async (t) => {
    const folder = createFolder(t)
    const env = { ADMIN_PASSWORD, SAMPLE_CATALOG: 'false' }
    const services = [start(t, { folder, env }), start(t, { folder, env }), start(t, { folder, env })]
    const urls = await Promise.all(services.map(address))

    const { token } = (await (await signIn(urls[0] as string, ADMIN_PASSWORD)).json()) as { token: string }
    for (const url of urls) {
      const { status } = await fetch(`${url}/products`, { headers: { authorization: `Bearer ${token}` } })
      t.equal(status, 503, 'the token is valid, but there is no catalog')
    }
  }
)

t.test('a failed sign-in is logged with the request id of its response', async (t) => {
  const service = start(t, { env: { ADMIN_PASSWORD } })
  const url = await address(service)

  const { requestId } = (await (await signIn(url, 'a wrong password')).json()) as { requestId: string }

  await service.printed(new RegExp(`"reqId":"${requestId}","username":"admin".*"problem":"wrong-credentials"`))
  t.notMatch(service.stdout, 'a wrong password')
})

t.test('at level debug, requests are logged without their secrets', async (t) => {
  const service = start(t, { env: { LOG_LEVEL: 'debug', ADMIN_PASSWORD } })
  const url = await address(service)
  const { token } = (await (await signIn(url, ADMIN_PASSWORD)).json()) as { token: string }
  await fetch(`${url}/products?limit=1`, { headers: { authorization: `Bearer ${token}`, cookie: `token=${token}` } })

  await service.printed(/"url":"\/products"/)
  await service.printed(/"statusCode":200/)
  t.notMatch(service.stdout, 'limit=1', 'a query may hold a token')
  t.notMatch(service.stdout, token)
  t.notMatch(service.stdout, ADMIN_PASSWORD)
})
