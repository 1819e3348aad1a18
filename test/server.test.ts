import { statSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { createFolder } from './helpers/folder.js'
import { command, TestProcess } from './helpers/process.js'

const ADMIN_PASSWORD = 'a password for tests'

interface Options {
  folder?: string
  env?: NodeJS.ProcessEnv
}

function start(t: Test, { folder = createFolder(t), env }: Options = {}) {
  return new TestProcess(t, command('src/server.js'), {
    PORT: '0',
    DATABASE_URL: `file:${folder}/catalog.db`,
    SOURCE_URL: 'http://127.0.0.1:1',
    ...env
  })
}

const address = async (service: TestProcess) => (await service.printed(/Server listening at (http:[^"]+)/))[1] as string

async function signIn(url: string, password: string): Promise<Response> {
  return await fetch(`${url}/auth`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password })
  })
}

t.test('the first start makes an account and shows its password, once and not in the log', async (t) => {
  const folder = createFolder(t)
  const first = start(t, { folder })
  const url = await address(first)
  const password = /password {2}(\S+)/.exec(first.stderr)?.[1] as string

  t.equal((await signIn(url, password)).status, 200)
  t.notMatch(first.stdout, password)
  t.equal(statSync(`${folder}/catalog.db`).mode & 0o777, 0o600, 'the file holds keys')
  first.child.kill('SIGTERM')
  t.match(await first.finished, { code: 0, signal: null })

  const second = start(t, { folder })
  t.equal((await signIn(await address(second), password)).status, 200)
  t.notMatch(second.stderr, 'password')
})

t.test('localhost is one address, of one server', async (t) => {
  const service = start(t, { env: { HOST: 'localhost', ADMIN_PASSWORD } })
  const url = await address(service)
  t.match(url, /^http:\/\/127\.0\.0\.1:/)
  t.equal((await signIn(url, ADMIN_PASSWORD)).status, 200)
  t.equal(service.stdout.match(/Server listening/g)?.length, 1)
  service.child.kill('SIGINT')
  t.match(await service.finished, { code: 0, signal: null })
})

t.test('every bad variable is named, and the process ends with code 1', async (t) => {
  const { code, stderr, stdout } = await start(t, { env: { PORT: 'x', SYNC_INTERVAL: '0' } }).finished

  t.equal(code, 1)
  t.equal(stdout, '')
  t.match(
    stderr,
    /^Environment variables are not valid:\n {2}PORT must be integer.*\n {2}SYNC_INTERVAL must be >= 1.*\n$/
  )
})

t.test('in production the password of the first account has to be set', async (t) => {
  const folder = createFolder(t)
  const refused = await start(t, { folder, env: { NODE_ENV: 'production' } }).finished
  t.equal(refused.code, 1)
  t.match(refused.stderr, 'ADMIN_PASSWORD must be set')

  const service = start(t, { folder, env: { NODE_ENV: 'production', ADMIN_PASSWORD } })
  const url = await address(service)
  t.equal((await signIn(url, ADMIN_PASSWORD)).status, 200)
  t.equal((await fetch(`${url}/readyz`)).status, 503, 'and there is no sample')
  t.notMatch(service.stdout + service.stderr, ADMIN_PASSWORD)
})

t.test('a port that is taken is an error, and the process ends', async (t) => {
  const first = start(t)
  const port = new URL(await address(first)).port

  const { code, stderr } = await start(t, { folder: createFolder(t), env: { PORT: port } }).finished

  t.equal(code, 1)
  t.match(stderr, 'EADDRINUSE')
})

t.test('an error that nobody expected is logged, and ends the process', async (t) => {
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

t.test('a database that cannot be opened is an error, and the process ends', async (t) => {
  const folder = createFolder(t)
  const below = await start(t, { env: { DATABASE_URL: 'file:/dev/null/catalog.db' } }).finished
  t.match(below, { code: 1, stderr: /^E[A-Z]+: .*'\/dev\/null'\n$/ })

  writeFileSync(
    `${folder}/catalog.db`,
    'this is no database, but a text that is long enough to be looked at'.repeat(20)
  )
  const other = await start(t, { folder }).finished
  t.equal(other.code, 1)
  t.match(other.stderr, 'file is not a database')
})

t.test('services that start at once on one database agree on its shape, its key and its first account', async (t) => {
  const folder = createFolder(t)
  const env = { ADMIN_PASSWORD, SAMPLE_CATALOG: 'false' }
  const services = [start(t, { folder, env }), start(t, { folder, env }), start(t, { folder, env })]
  const urls = await Promise.all(services.map(address))

  const { token } = (await (await signIn(urls[0] as string, ADMIN_PASSWORD)).json()) as { token: string }
  for (const url of urls) {
    const { status } = await fetch(`${url}/products`, { headers: { authorization: `Bearer ${token}` } })
    t.equal(status, 503, 'a token of one is good for all: the catalog is what is missing')
  }
})

t.test('what was refused is logged, under the id that the caller was told', async (t) => {
  const service = start(t, { env: { ADMIN_PASSWORD } })
  const url = await address(service)

  const { requestId } = (await (await signIn(url, 'a wrong password')).json()) as { requestId: string }

  await service.printed(
    new RegExp(`"reqId":"${requestId}","problem":"wrong-credentials","method":"POST","path":"/auth"`)
  )
  t.notMatch(service.stdout, 'a wrong password')
})

t.test('requests are logged where it is asked for, without their secrets', async (t) => {
  const service = start(t, { env: { LOG_LEVEL: 'debug', ADMIN_PASSWORD } })
  const url = await address(service)
  const { token } = (await (await signIn(url, ADMIN_PASSWORD)).json()) as { token: string }
  await fetch(`${url}/products?limit=1`, { headers: { authorization: `Bearer ${token}`, cookie: `token=${token}` } })

  await service.printed(/"url":"\/products\?limit=1"/)
  await service.printed(/"statusCode":200/)
  t.notMatch(service.stdout, token)
  t.notMatch(service.stdout, ADMIN_PASSWORD)
})
