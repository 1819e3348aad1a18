import { createPublicKey, verify } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { openDatabase } from '../../../src/store/open-database.js'
import { ADMIN, startApp, type TestApp } from '../../helpers/app.js'
import { onOneEngine } from '../../helpers/engines.js'
import { mascara } from '../../helpers/products.js'
import { decodeToken } from '../../helpers/tokens.js'

onOneEngine('signing in returns a token and sets it as an HttpOnly cookie', async (t) => {
  const app = await startApp(t)

  const { status, body, headers } = await app.signIn()

  t.equal(status, 200)
  t.strictSame(Object.keys(body), ['token', 'tokenType', 'expiresIn', 'scope'])
  t.match(body, {
    tokenType: 'Bearer',
    expiresIn: 3600,
    scope: 'catalog:read catalog:write catalog:sync accounts:admin'
  })
  t.equal(headers.get('cache-control'), 'no-store')
  const [device, token] = headers.getSetCookie().sort()
  t.equal(token, `token=${body.token}; Max-Age=3600; Path=/; HttpOnly; SameSite=Strict`)
  t.match(
    device,
    /^device=[\w-]{22}\.[\w-]{43}; Max-Age=31536000; HttpOnly; SameSite=Strict$/,
    'a device cookie, without a path, which a proxy may prefix'
  )
})

onOneEngine(
  'over HTTPS the cookies are Secure, and X-Forwarded-Proto counts only if it is from a trusted proxy',
  async (t) => {
    const trusting = await startApp(t, { config: { trustProxy: ['127.0.0.1'] } })
    const untrusting = await startApp(t)
    const viaHttps = (app: TestApp) =>
      app.request('/auth', { method: 'POST', json: ADMIN, token: null, headers: { 'x-forwarded-proto': 'https' } })

    t.strictSame(
      (await viaHttps(trusting)).headers.getSetCookie().map((cookie) => cookie.replace(/=[^;]+/, '=…')),
      [
        'device=…; Max-Age=31536000; HttpOnly; Secure; SameSite=Strict',
        '__Host-token=…; Max-Age=3600; Path=/; HttpOnly; Secure; SameSite=Strict'
      ]
    )
    t.match((await viaHttps(untrusting)).headers.getSetCookie(), [/^device=(?!.*Secure)/, /^token=(?!.*Secure)/])
  }
)

onOneEngine('the token cookie works by both names, the __Host- one first, and signing out clears both', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { trustProxy: ['127.0.0.1'] } })
  const token = await app.token()
  const status = async (cookie: string) =>
    (await app.request('/products', { token: null, headers: { cookie, 'x-forwarded-proto': 'https' } })).status

  t.equal(await status(`__Host-token=${token}`), 200)
  t.equal(await status(`token=${token}`), 200)
  t.equal(await status(`token=bad; __Host-token=${token}`), 200)
  t.equal(await status(`token=${token}; __Host-token=bad`), 401)
  for (const [protocol, secure] of [
    ['https', '; Secure'],
    ['http', '']
  ] as const) {
    const cookie = `__Host-token=${(await app.signIn()).body.token}`
    const { status, headers } = await app.request('/auth', {
      method: 'DELETE',
      token: null,
      headers: { cookie, 'sec-fetch-site': 'same-origin', 'x-forwarded-proto': protocol }
    })
    t.equal(status, 204)
    const cleared = (name: string, secure: string) =>
      `${name}=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly${secure}; SameSite=Strict`
    t.strictSame(headers.getSetCookie(), [cleared('token', secure), cleared('__Host-token', '; Secure')])
  }
})

onOneEngine('an unknown username and a wrong password get the same response', async (t) => {
  const app = await startApp(t)

  const name = await app.signIn({ ...ADMIN, username: 'nobody' })
  const password = await app.signIn({ ...ADMIN, password: 'wrong' })

  for (const { status, headers, body } of [name, password]) {
    t.equal(status, 401)
    t.equal(headers.get('www-authenticate'), 'Bearer realm="product-catalog"')
    t.equal(headers.get('set-cookie'), null)
    t.strictSame(
      { ...body, requestId: '' },
      {
        type: 'urn:problem-type:product-catalog:wrong-credentials',
        title: 'Wrong username or password',
        status: 401,
        requestId: ''
      }
    )
  }
})

onOneEngine('five failures in a row lock a username for their address, even if it does not exist', async (t) => {
  for (const username of ['admin', 'nobody']) {
    const app = await startApp(t)
    for (let i = 0; i < 5; i++) t.equal((await app.signIn({ username, password: 'wrong' })).status, 401)

    const { status, headers, body } = await app.signIn({ username, password: ADMIN.password })

    t.equal(status, 429, `${username}, even with the right password`)
    t.equal(body.type, 'urn:problem-type:product-catalog:too-many-attempts')
    t.ok(Number(headers.get('retry-after')) > 25 && Number(headers.get('retry-after')) <= 30)
  }
})

onOneEngine('concurrent wrong attempts lock the username after five', async (t) => {
  const app = await startApp(t)

  const attempts = await Promise.all(
    Array.from({ length: 8 }, () => app.signIn({ username: 'admin', password: 'wrong' }))
  )

  t.equal(attempts.filter(({ status }) => status === 401).length, 5)
  t.equal(attempts.filter(({ status }) => status === 429).length, 3)
})

onOneEngine('concurrent correct sign-ins all succeed', async (t) => {
  const app = await startApp(t)

  const attempts = await Promise.all(Array.from({ length: 8 }, () => app.signIn()))

  t.strictSame(
    attempts.map(({ status }) => status),
    Array(8).fill(200)
  )
})

onOneEngine('a successful sign-in resets the failures', async (t) => {
  const app = await startApp(t)
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 3; i++) await app.signIn({ ...ADMIN, password: 'wrong' })
    t.equal((await app.signIn()).status, 200)
  }
})

t.test('a flood of sign-ins is rejected beyond a limit, and rejected ones write nothing', async (t) => {
  const app = await startApp(t, { config: { trustProxy: ['127.0.0.1'] } })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  let release = () => {}
  // The lock of this transaction keeps the accepted sign-ins waiting.
  const writing = database.write.transaction().execute(() => new Promise<void>((resolve) => (release = resolve)))
  let responseCount = 0

  const attempts = Array.from({ length: 100 }, async (_, i) => {
    const json = { username: `user${i}`, password: 'wrong' }
    const headers = { 'x-forwarded-for': `192.0.2.${i}` }
    const response = await app.request('/auth', { method: 'POST', json, token: null, headers })
    responseCount++
    return response
  })
  while (responseCount < 97) await sleep(20)
  release()
  await writing
  const responses = await Promise.all(attempts)

  const rejected = responses.filter(({ status }) => status === 503)
  t.ok(rejected.length >= 97)
  for (const { body, headers } of rejected) {
    t.equal(body.type, 'urn:problem-type:product-catalog:too-many-sign-ins')
    t.equal(headers.get('retry-after'), '2')
  }
  const others = responses.filter((response) => !rejected.includes(response))
  t.ok(others.length >= 1)
  for (const { status } of others) t.equal(status, 401)
  const written = await database.read.selectFrom('sign_in_failure').select('username').distinct().execute()
  t.equal(written.length, others.length)
  t.equal((await app.signIn()).status, 200, 'sign-ins work again')
})

onOneEngine('an address has ten sign-ins a minute', async (t) => {
  const app = await startApp(t)
  for (let i = 0; i < 10; i++) await app.signIn({ username: `user${i}`, password: 'wrong' })

  const { status, headers, body } = await app.signIn()

  t.equal(status, 429)
  t.equal(body.type, 'urn:problem-type:product-catalog:too-many-requests')
  t.ok(Number(headers.get('retry-after')) > 0)
  t.equal((await app.request('/livez', { token: null })).status, 200, 'other operations still work')
})

onOneEngine('signing out revokes the token and clears the cookie', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const other = (await app.signIn()).body.token
  const token = await app.token()

  const { status, headers, text } = await app.request('/auth', { method: 'DELETE' })

  t.equal(status, 204)
  t.equal(text, '')
  t.match(
    headers.get('set-cookie'),
    /^token=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970 .*HttpOnly; SameSite=Strict/
  )
  t.equal((await app.request('/products', { token })).status, 401)
  t.equal((await app.request('/auth', { method: 'DELETE', token })).status, 401)
  t.equal((await app.request('/products', { token: null, headers: { cookie: `token=${token}` } })).status, 401)
  t.equal((await app.request('/products', { token: other })).status, 200, 'another token stays valid')
})

onOneEngine('signing out ignores any body', async (t) => {
  const app = await startApp(t)
  for (const [type, body] of [
    ['application/json', ''],
    ['application/json', '{'],
    ['text/plain', 'bye']
  ] as const) {
    const { token } = (await app.signIn()).body
    const headers = { 'content-type': type }
    const { status } = await app.request('/auth', { method: 'DELETE', token, headers, ...(body !== '' && { body }) })
    t.equal(status, 204, `${type} ${body}`)
  }
})

onOneEngine('the published keys verify the tokens', async (t) => {
  const app = await startApp(t)
  const token = await app.token()

  const { status, body } = await app.request('/.well-known/jwks.json', { token: null })

  t.equal(status, 200)
  const key = body.keys.find((key: { kid: string }) => key.kid === decodeToken(token).header.kid)
  t.match(key, { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })
  t.notOk('d' in key, 'no private part')
  const [head, claims, signature] = token.split('.') as [string, string, string]
  t.ok(
    verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url')
    )
  )
})
