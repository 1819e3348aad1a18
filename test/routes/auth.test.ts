import { createPublicKey, verify } from 'node:crypto'
import { ADMIN, startApp, type TestApp } from '../helpers/app.js'
import { onEachEngine } from '../helpers/engines.js'
import { mascara } from '../helpers/products.js'
import { parts } from '../helpers/tokens.js'

onEachEngine('signing in answers with a token, and sets it as a cookie that pages cannot read', async (t) => {
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
  t.equal(headers.get('set-cookie'), `token=${body.token}; Max-Age=3600; Path=/; HttpOnly; SameSite=Strict`)
})

onEachEngine(
  'over https the cookie is Secure; that a proxy says so counts only where the proxy is trusted',
  async (t) => {
    const trusting = await startApp(t, { config: { trustProxy: ['127.0.0.1'] } })
    const doubting = await startApp(t)
    const viaHttps = (app: TestApp) =>
      app.request('/auth', { method: 'POST', json: ADMIN, token: null, headers: { 'x-forwarded-proto': 'https' } })

    t.match((await viaHttps(trusting)).headers.get('set-cookie'), /; Secure/)
    t.notMatch((await viaHttps(doubting)).headers.get('set-cookie'), /Secure/)
  }
)

onEachEngine('a wrong name and a wrong password get the same answer', async (t) => {
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
        title: 'The username or the password is wrong',
        status: 401,
        requestId: ''
      }
    )
  }
})

onEachEngine('five failures in a row lock the name, whether it exists or not', async (t) => {
  for (const username of ['admin', 'nobody']) {
    const app = await startApp(t)
    for (let i = 0; i < 5; i++) t.equal((await app.signIn({ username, password: 'wrong' })).status, 401)

    const { status, headers, body } = await app.signIn({ username, password: ADMIN.password })

    t.equal(status, 429, `${username}, even with the right password`)
    t.equal(body.type, 'urn:problem-type:product-catalog:too-many-attempts')
    t.ok(Number(headers.get('retry-after')) > 25 && Number(headers.get('retry-after')) <= 30)
  }
})

onEachEngine('many attempts at once get no further than five', async (t) => {
  const app = await startApp(t)

  const attempts = await Promise.all(
    Array.from({ length: 8 }, () => app.signIn({ username: 'admin', password: 'wrong' }))
  )

  t.equal(attempts.filter(({ status }) => status === 401).length, 5)
  t.equal(attempts.filter(({ status }) => status === 429).length, 3)
})

onEachEngine('many that are right at once all succeed', async (t) => {
  const app = await startApp(t)

  const attempts = await Promise.all(Array.from({ length: 8 }, () => app.signIn()))

  t.strictSame(
    attempts.map(({ status }) => status),
    Array(8).fill(200)
  )
})

onEachEngine('a success forgets the failures before it', async (t) => {
  const app = await startApp(t)
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 3; i++) await app.signIn({ ...ADMIN, password: 'wrong' })
    t.equal((await app.signIn()).status, 200)
  }
})

onEachEngine('an address may try ten sign-ins a minute', async (t) => {
  const app = await startApp(t)
  for (let i = 0; i < 10; i++) await app.signIn({ username: `user${i}`, password: 'wrong' })

  const { status, headers, body } = await app.signIn()

  t.equal(status, 429)
  t.equal(body.type, 'urn:problem-type:product-catalog:too-many-requests')
  t.ok(Number(headers.get('retry-after')) > 0)
  t.equal((await app.request('/livez', { token: null })).status, 200, 'and go on with everything else')
})

onEachEngine('signing out refuses the token from then on, and clears the cookie', async (t) => {
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
  t.equal((await app.request('/products', { token: other })).status, 200, 'another token goes on')
})

onEachEngine('signing out reads no body, so whatever comes with it does no harm', async (t) => {
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

onEachEngine('the published keys verify our tokens', async (t) => {
  const app = await startApp(t)
  const token = await app.token()

  const { status, body } = await app.request('/.well-known/jwks.json', { token: null })

  t.equal(status, 200)
  const key = body.keys.find((key: { kid: string }) => key.kid === parts(token).header.kid)
  t.match(key, { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })
  t.notOk('d' in key, 'the private part stays private')
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
