import { hashPassword } from '../../../src/auth/passwords.js'
import { AccountStore } from '../../../src/store/accounts.js'
import { openDatabase } from '../../../src/store/open-database.js'
import { ADMIN, type Answer, startApp, type TestApp } from '../../helpers/app.js'
import { onOneEngine } from '../../helpers/engines.js'
import { mascara } from '../../helpers/products.js'
import { createUnknownKey, decodeToken, signToken, signWithSecret, unsigned } from '../../helpers/tokens.js'

const CHALLENGE = 'Bearer realm="product-catalog"'
const INVALID = /^Bearer realm="product-catalog", error="invalid_token", error_description="[^"]+"$/

onOneEngine('a token has the claims of RFC 9068', async (t) => {
  const app = await startApp(t, { config: { tokenTtl: 120 } })
  const before = Math.floor(Date.now() / 1000)

  const { header, claims } = decodeToken(await app.token())

  t.match(header, { alg: 'ES256', typ: 'at+jwt', kid: app.app.services.keys.current.id })
  t.match(claims, {
    iss: 'product-catalog',
    aud: 'product-catalog',
    sub: 'admin',
    jti: /^[0-9a-f-]{36}$/,
    scope: 'catalog:read catalog:write catalog:sync accounts:admin'
  })
  t.ok(Number(claims.iat) >= before && Number(claims.iat) <= before + 5)
  t.equal(Number(claims.exp) - Number(claims.iat), 120)
})

onOneEngine('without a token, every guarded operation responds with 401 and a challenge', async (t) => {
  const app = await startApp(t, { products: [mascara] })

  for (const [method, path] of [
    ['GET', '/products'],
    ['HEAD', '/products'],
    ['GET', '/products/1'],
    ['GET', '/categories'],
    ['DELETE', '/auth']
  ] as const) {
    const { status, headers } = await app.request(path, { method, token: null })
    t.equal(status, 401, `${method} ${path}`)
    t.equal(headers.get('www-authenticate'), CHALLENGE)
  }
  const { body } = await app.request('/products', { token: null })
  t.equal(body.type, 'urn:problem-type:product-catalog:not-signed-in')
})

onOneEngine('a token works in the header and in the cookie, and the header takes precedence', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const token = await app.token()
  const cookie = (value: string) => ({ cookie: `other=1; token=${value}` })

  t.equal((await app.request('/products')).status, 200)
  t.equal((await app.request('/products', { token: null, headers: { authorization: `bearer ${token}` } })).status, 200)
  t.equal((await app.request('/products', { token: null, headers: cookie(token) })).status, 200)
  t.equal((await app.request('/products', { token: 'bad', headers: cookie(token) })).status, 401)
  t.equal((await app.request('/products', { token, headers: cookie('bad') })).status, 200)
})

onOneEngine('the scheme of a bearer token is case-insensitive, and only spaces follow it', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const token = await app.token()
  const status = async (authorization: string, cookie = '') =>
    (await app.request('/products', { token: null, headers: { authorization, cookie } })).status

  for (const scheme of ['Bearer ', 'Bearer  ', 'bearer      ', 'BEARER ']) {
    // The first request verifies the token, the second one finds it in memory.
    for (let i = 0; i < 2; i++) t.equal(await status(`${scheme}${token}`), 200, JSON.stringify(scheme))
  }
  for (const wrong of [`Bearer\t${token}`, `Bearer \t${token}`, `Bearer ${token} x`, 'Bearer x']) {
    t.equal(await status(wrong), 401, JSON.stringify(wrong.slice(0, 10)))
    t.equal(await status(wrong, `token=${token}`), 401, 'the cookie does not replace an invalid token')
  }
  for (const other of ['Basic YTpi', `Bearerx ${token}`, 'Bearer']) {
    t.equal(await status(other), 401, other.slice(0, 10))
    t.equal(await status(other, `token=${token}`), 200, 'another scheme does not rule out the cookie')
  }
})

onOneEngine('the first valid token among several cookies of the same name counts', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const valid = await app.token()
  const { header, claims } = decodeToken(valid)
  const { privateKey } = app.app.services.keys.current
  const sign = (changes: object) => signToken(header, { ...claims, ...changes }, privateKey)
  const expired = sign({ exp: 1 })
  const revoked = sign({ gen: '00000000-0000-4000-8000-000000000000' })
  const foreign = signToken(header, claims, createUnknownKey())
  const send = (...tokens: string[]) =>
    app.request('/products', { token: null, headers: { cookie: tokens.map((token) => `token=${token}`).join('; ') } })

  for (const others of [[expired], [revoked], [foreign], ['x'], [''], [expired, revoked, foreign, 'x']]) {
    t.equal((await send(...others, valid)).status, 200)
    t.equal((await send(valid, ...others)).status, 200)
  }
  t.equal((await send(`"${valid}"`)).status, 200, 'in quotation marks')
  const { token: reader } = (
    await app.signIn({ username: 'reader', password: (await app.tokenOf('reader')) && ADMIN.password })
  ).body
  const history = (first: string, second: string) =>
    app.request('/products/4711/history', { token: null, headers: { cookie: `token=${first}; token=${second}` } })
  t.equal((await history(reader, valid)).status, 403, 'the first of two valid tokens')
  t.equal((await history(valid, reader)).status, 404)

  const problem = await send(expired, foreign)
  t.equal(problem.status, 401)
  t.match(problem.body.detail, /^The token has expired\./, 'the problem of the first token')
  t.equal((await send('x', 'x', 'x', 'x', valid)).status, 200)
  t.equal((await send('x', 'x', 'x', 'x', 'x', valid)).status, 401, 'only five cookies are read')
})

onOneEngine('foreign, altered and expired tokens are rejected', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { current } = app.app.services.keys
  const token = await app.token()
  const { header, claims } = decodeToken(token)
  const [head, body, signature] = token.split('.') as [string, string, string]
  const now = Math.floor(Date.now() / 1000)
  const signed = (changes: object, head: object = header) =>
    signToken(head, { ...claims, ...changes }, current.privateKey)

  t.equal((await read(app, signed({}))).status, 200, 'a token signed by the test is valid')
  for (const [what, forged] of Object.entries({
    'an expired token': signed({ iat: now - 7200, exp: now - 1 }),
    'a token that is not valid yet': signed({ nbf: now + 60 }),
    'altered claims': `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url')}.${signature}`,
    'another signature': `${head}.${body}.${signature.slice(0, -4)}AAAA`,
    'no signature': `${head}.${body}.`,
    'alg none': unsigned({ ...header, alg: 'none' }, claims),
    'alg none, with a signature': unsigned({ ...header, alg: 'none' }, claims, signature),
    'alg None': unsigned({ ...header, alg: 'None' }, claims),
    'HS256 with our public key': signWithSecret({ ...header, alg: 'HS256' }, claims, current.publicKey),
    'HS256 with our public key, trimmed': signWithSecret({ ...header, alg: 'HS256' }, claims, current.publicKey.trim()),
    'a foreign key': signToken(header, claims, createUnknownKey()),
    'an unknown kid': signed({}, { ...header, kid: 'unknown' }),
    'a kid that is not a string': signed({}, { ...header, kid: { $ne: null } }),
    'no kid': signed({}, { alg: 'ES256', typ: 'at+jwt' }),
    'another type': signed({}, { ...header, typ: 'JWT' }),
    'no type': signed({}, { alg: 'ES256', kid: current.id }),
    'another issuer': signed({ iss: 'somebody' }),
    'another audience': signed({ aud: 'somebody' }),
    'no expiry': signed({ exp: undefined }),
    'no id': signed({ jti: undefined }),
    'no subject': signed({ sub: undefined }),
    'another generation of the account': signed({ gen: 'other' }),
    'an account that does not exist': signed({ sub: 'nobody' }),
    'not a token': 'nonsense',
    'three empty parts': '..',
    'a very long text': 'x'.repeat(8000)
  })) {
    const { status, headers, body } = await read(app, forged)
    t.equal(status, 401, what)
    t.match(headers.get('www-authenticate'), INVALID, what)
    t.equal(body.type, 'urn:problem-type:product-catalog:invalid-token', what)
  }
  const both = await app.request('/products', { token: null, headers: { authorization: `Bearer ${token} ${token}` } })
  t.equal(both.status, 401, 'two tokens')
})

onOneEngine('the problem of an expired token says that it has expired', async (t) => {
  const app = await startApp(t, { config: { tokenTtl: 1 } })
  await app.token()
  await new Promise((resolve) => setTimeout(resolve, 2100))

  t.match((await app.request('/products')).body.detail, 'The token has expired.')
})

onOneEngine('a token grants what its account may do now', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const store = new AccountStore(database)
  const credentials = { username: 'ed', password: 'another password' }
  await store.add('ed', 'editor', await hashPassword(credentials.password))
  const { token } = (await app.signIn(credentials)).body
  const { header, claims } = decodeToken(token)
  const { privateKey } = app.app.services.keys.current

  t.equal(claims.scope, 'catalog:read catalog:write')
  t.equal((await read(app, token)).status, 200)

  const useless = await read(app, signToken(header, { ...claims, scope: 'accounts:admin' }, privateKey))
  t.equal(useless.status, 403, 'a token without the scope')
  t.equal(useless.body.type, 'urn:problem-type:product-catalog:insufficient-scope')
  t.equal(useless.headers.get('www-authenticate'), `${CHALLENGE}, error="insufficient_scope", scope="catalog:read"`)

  await store.setRole('ed', 'reader')
  t.equal(await waitForStatus(() => history(app, token), 404), 403, 'a permission that the account lost')
  t.equal((await read(app, token)).status, 200, 'a permission that the account kept')
  await store.setRole('ed', 'admin')
  t.equal(await waitForStatus(() => history(app, token), 403), 404, 'a permission that the account regained')

  await store.remove('ed')
  t.equal(await waitForStatus(() => read(app, token)), 401, 'a removed account')
  await store.add('ed', 'editor', await hashPassword(credentials.password))
  t.equal((await read(app, token)).status, 401, 'a new account with the same name')
})

onOneEngine('changing a password revokes earlier tokens, even those of the same second', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const token = await app.token()
  t.equal((await read(app, token)).status, 200)

  await new AccountStore(database).setPassword('admin', await hashPassword('a third password'))

  t.equal(await waitForStatus(() => read(app, token)), 401)
})

/** Waits for a status other than `before`, because the service sees the writes of other processes with a delay. */
async function waitForStatus(ask: () => Promise<Answer>, before = 200): Promise<number> {
  const deadline = Date.now() + 5000
  let { status } = await ask()
  while (status === before && Date.now() < deadline) status = (await ask()).status
  return status
}

const read = (app: TestApp, token: string) => app.request('/products', { token })
/** Requests the history of an unknown product, which needs an editor. */
const history = (app: TestApp, token: string) => app.request('/products/4711/history', { token })
