import t, { type Test } from 'tap'
import { rotateKeys } from '../../src/auth/signing-keys.js'
import { migrate } from '../../src/store/migrate.js'
import { openDatabase } from '../../src/store/open-database.js'
import { TokenStore } from '../../src/store/tokens.js'
import { startApp } from '../helpers/app.js'
import { createFolder } from '../helpers/folder.js'
import { command, TestProcess } from '../helpers/process.js'
import { mascara } from '../helpers/products.js'
import { decodeToken } from '../helpers/tokens.js'

const run = (t: Test, databaseUrl: string, ...args: string[]) =>
  new TestProcess(t, command('src/cli/catalog.js', 'keys', ...args), { DATABASE_URL: databaseUrl }).finished

t.test('the commands list and rotate keys while the service runs', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const keys = (...args: string[]) => run(t, app.config.databaseUrl, ...args)
  const old = await app.token()
  const { kid } = decodeToken(old).header

  const list = await keys('list')
  t.equal(list.code, 0)
  t.match(list.stdout, new RegExp(`^${kid}\tsince \\S+Z\tsigns\n$`))
  t.notMatch(list.stdout, 'PRIVATE')

  const { code, stdout } = await keys('rotate')
  t.equal(code, 0)
  const [, rotated] = /^The key ([\w-]{43}) now signs new tokens\.\n$/.exec(stdout) as RegExpExecArray
  t.match(
    (await keys('list')).stdout,
    new RegExp(`^${rotated}\tsince \\S+Z\tsigns\n${kid}\tsince \\S+Z\tretired \\S+Z\n$`)
  )

  t.equal(decodeToken((await app.signIn()).body.token).header.kid, rotated)
  t.equal((await app.request('/products', { token: old })).status, 200)
})

t.test('an invalid command prints the usage', async (t) => {
  const databaseUrl = `file:${createFolder(t)}/catalog.db`
  for (const args of [[], ['constructor'], ['list', 'all'], ['rotate', '--now']]) {
    const { code, stderr, stdout } = await run(t, databaseUrl, ...args)
    t.equal(code, 1, args.join(' '))
    t.match(stderr, /\n\nUsage: catalog keys/)
    t.equal(stdout, '')
  }
})

t.test('the 101st rotation fails and asks to rotate less often', async (t) => {
  const databaseUrl = `file:${createFolder(t)}/catalog.db`
  const database = openDatabase(databaseUrl)
  t.teardown(() => database.close())
  await migrate(database)
  for (let i = 0; i < 100; i++) await rotateKeys(new TokenStore(database))

  t.match(await run(t, databaseUrl, 'rotate'), { code: 1, stdout: '', stderr: /^There are already 100 keys/ })
})
