/* Forged, altered and expired tokens. */
import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { startApp, type TestApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { mascara } from '../helpers/products.js'
import { TestSource } from '../helpers/source.js'
import { parts, signText, signToken, signWithSecret, strangerKey, twin, unsigned } from '../helpers/tokens.js'

/** Requests for each token: reads, writes and sign-outs, with the header and with the cookie. */
async function statuses({ url }: TestApp, token: string): Promise<number[]> {
  const bearer = { authorization: `Bearer ${token}` }
  const cookie = { cookie: `token=${token}`, 'sec-fetch-site': 'same-origin' }
  const tries: [string, string, Record<string, string>][] = [
    ['GET', '/products', bearer],
    ['GET', '/products', cookie],
    ['DELETE', '/products/1', { ...bearer, 'if-match': '*' }],
    ['DELETE', '/auth', cookie],
    ['DELETE', '/auth', bearer]
  ]
  const statuses: number[] = []
  for (const [method, path, headers] of tries) {
    const response = await fetch(`${url}${path}`, { method, headers, signal: AbortSignal.timeout(10_000) })
    const text = await response.text()
    if (response.status === 401 && !text.includes(':invalid-token"')) throw new Error(text)
    statuses.push(response.status)
  }
  return statuses
}

/** Checks that the service rejects each token, and that the product still exists. */
async function refusesAll(t: Test, app: TestApp, tokens: Record<string, string>): Promise<void> {
  for (const [what, token] of Object.entries(tokens)) {
    t.strictSame(await statuses(app, token), [401, 401, 401, 401, 401], what)
  }
  t.equal((await app.request('/products/1')).status, 200)
}

/** The parts of a valid token. */
async function anatomy(app: TestApp) {
  const token = (await app.signIn()).body.token as string
  const { current } = app.app.services.keys
  const { header, claims } = parts(token)
  const [head, body, signature] = token.split('.') as [string, string, string]
  return { token, header, claims, head, body, signature, current, now: Math.floor(Date.now() / 1000) }
}

t.test('the service neither uses nor fetches a key that the token names, embeds or links to', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { header, claims, current } = await anatomy(app)
  const trap = new TestSource([])
  await trap.listen()
  t.teardown(() => trap.close())
  const stranger = strangerKey()
  const { kty, crv, x, y } = createPublicKey(stranger).export({ format: 'jwk' })
  const jwk = { kty, crv, x, y, alg: 'ES256', use: 'sig', kid: 'mine' }
  trap.answer = (_request, response) => response.end(JSON.stringify({ keys: [jwk] }))
  const by = (changes: object) => signToken({ ...header, ...changes }, claims, stranger)

  await refusesAll(t, app, {
    'jwk, with our kid': by({ jwk: { ...jwk, kid: current.id } }),
    'jwk, with its own kid': by({ jwk, kid: 'mine' }),
    'jwk and no kid': by({ jwk, kid: undefined }),
    jku: by({ jku: `${trap.url}/keys`, kid: 'mine' }),
    'jku, with our kid': by({ jku: `${trap.url}/keys` }),
    x5u: by({ x5u: `${trap.url}/certificate` }),
    x5c: by({ x5c: [stranger.replaceAll(/-.*-|\n/g, '')] }),
    'kid of a file': by({ kid: '../../../../dev/null' }),
    'kid of an address': by({ kid: `${trap.url}/keys` }),
    'kid of SQL': by({ kid: "x' union select private_key from signing_key --" }),
    'kid of a command': by({ kid: '$(id)' }),
    'kid of the prototype': by({ kid: '__proto__' }),
    'kid of nothing': by({ kid: '' }),
    'kid of null': by({ kid: null }),
    'kid in a list': by({ kid: [current.id] }),
    'a secret from the kid': signWithSecret({ ...header, alg: 'HS256' }, claims, current.id),
    'an empty secret': signWithSecret({ ...header, alg: 'HS256' }, claims, ''),
    'our jwk as the secret': signWithSecret({ ...header, alg: 'HS256' }, claims, JSON.stringify(current.jwk)),
    'our public key as the secret': signWithSecret({ ...header, alg: 'HS256' }, claims, current.publicKey)
  })
  t.strictSame(trap.requests, [])
})

t.test('the token cannot choose the algorithm', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { header, claims, head, body, signature, current } = await anatomy(app)
  const ours = (changes: object) => signToken({ ...header, ...changes }, claims, current.privateKey)
  const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
  const algorithms = [
    'none',
    'None',
    'NONE',
    'nOnE',
    '',
    'es256',
    'ES384',
    'ES256K',
    'EdDSA',
    'RS256',
    'PS256',
    'HS256'
  ]

  await refusesAll(t, app, {
    ...Object.fromEntries(algorithms.map((alg) => [`our signature, called ${alg}`, ours({ alg })])),
    ...Object.fromEntries(algorithms.map((alg) => [`unsigned, ${alg}`, unsigned({ ...header, alg }, claims)])),
    'no algorithm': ours({ alg: undefined }),
    'several of them': ours({ alg: ['none', 'ES256'] }),
    'a number': ours({ alg: 256 }),
    'one of the prototype': ours({ alg: 'constructor' }),
    'a signature of nothing': `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
    'a signature of ones': `${head}.${body}.${Buffer.alloc(64, 0xff).toString('base64url')}`,
    'half of it': `${head}.${body}.${signature.slice(0, 43)}`,
    twice: `${head}.${body}.${signature}${signature}`,
    'with spaces': `${head}.${body}.${signature.slice(0, 10)}%20${signature.slice(10)}`,
    padded: `${head}.${body}.${signature}==`,
    'one part more': `${head}.${body}.${signature}.${signature}`,
    'the five parts of another kind': `${head}..${body}.${signature}.`,
    'the parts in another order': `${body}.${head}.${signature}`,
    'a curve of another kind': signToken({ ...header, alg: 'EdDSA' }, claims, ed25519, null)
  })
})

onOneEngine('a token needs the header and claims of a token of the service', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { header, claims, now, current } = await anatomy(app)
  const ours = (changes: object) => signToken(header, { ...claims, ...changes }, current.privateKey)
  const text = (claims: string, head = JSON.stringify(header)) => signText(head, claims, current.privateKey)
  const wrong = [undefined, null, 0, true, '', [], {}, -1, 'other', ['product-catalog'], { $ne: null }]
  const names = ['iss', 'aud', 'sub', 'jti', 'iat', 'exp', 'scope', 'gen']
  t.strictSame(
    await statuses(app, ours({ scope: '', jti: randomUUID() })),
    [403, 403, 403, 204, 401],
    'what may be odd'
  )
  await refusesAll(
    t,
    app,
    Object.fromEntries(
      names.flatMap((name) =>
        wrong
          // Every string is a valid list of scopes.
          .filter((value) => !(name === 'scope' && typeof value === 'string') && !(name === 'iat' && value === 0))
          .map((value) => [`${name} of ${JSON.stringify(value)}`, ours({ [name]: value })])
      )
    )
  )
  await refusesAll(t, app, {
    'one that has expired': ours({ iat: now - 7200, exp: now - 1 }),
    'one that has expired long ago': ours({ exp: -1e15 }),
    'one that never expires': text(JSON.stringify(claims).replace(`"exp":${claims.exp}`, '"exp":1e999')),
    'one that expires after all time': ours({ exp: 1e15 }),
    'one that expires in the middle of a second': ours({ exp: now + 60.5 }),
    'one not to be used yet': ours({ nbf: now + 60 }),
    'one never to be used': ours({ nbf: 1e300 }),
    'one to be used from a text on': ours({ nbf: 'now' }),
    'one issued in the future': ours({ iat: now + 300 }),
    'several audiences': ours({ aud: ['product-catalog', 'other'] }),
    'another type': signToken({ ...header, typ: 'JWT' }, claims, current.privateKey),
    'the type of an identity': signToken({ ...header, typ: 'id+jwt' }, claims, current.privateKey),
    types: signToken({ ...header, typ: ['at+jwt'] }, claims, current.privateKey),
    'no type': signToken({ ...header, typ: undefined }, claims, current.privateKey),
    'what we do not understand and should': signToken({ ...header, crit: ['exp'] }, claims, current.privateKey),
    ...Object.fromEntries(
      [null, false, 0, '', [], {}, 'exp', true].map((crit) => [
        `crit of ${JSON.stringify(crit)}`,
        signToken({ ...header, crit }, claims, current.privateKey)
      ])
    ),
    'another form of the claims': signToken({ ...header, crit: ['b64'], b64: false }, claims, current.privateKey),
    'somebody in our names': ours({ sub: 'root' }),
    'SQL for a name': ours({ sub: "admin' --" }),
    'a name with a NUL': ours({ sub: 'admin\0' }),
    'a number with a NUL': ours({ jti: `${claims.jti}\0` }),
    'another generation': ours({ gen: randomUUID() }),
    'a long name': ours({ sub: 'a'.repeat(4000) }),
    'claims in a list': text(JSON.stringify([claims])),
    'no claims': text(''),
    'claims of null': text('null'),
    'claims of the prototype': text(`{"__proto__":${JSON.stringify(claims)}}`),
    'claims of half': text(JSON.stringify(claims).slice(0, -1)),
    'claims of arrays': text(`${'['.repeat(3000)}${']'.repeat(3000)}`),
    'a header of null': text(JSON.stringify(claims), 'null'),
    'a header in a list': text(JSON.stringify(claims), JSON.stringify([header])),
    'a header of text': text(JSON.stringify(claims), '"ES256"'),
    'a header of the prototype': text(JSON.stringify(claims), `{"__proto__":${JSON.stringify(header)}}`)
  })
})

onOneEngine('revoking a token revokes all its encodings', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { token, header, claims, current } = await anatomy(app)
  const spellings = {
    'the other signature that each has': twin(token),
    'other bits that nobody reads': `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : String.fromCharCode(token.charCodeAt(token.length - 1) + 1)}`,
    'another signature of the same': signToken(header, claims, current.privateKey),
    'a type with its prefix': signToken({ ...header, typ: 'application/at+jwt' }, claims, current.privateKey)
  }
  t.equal((await app.request('/products', { token: twin(token) })).status, 200, 'while it is valid they may be')

  t.equal((await app.request('/auth', { method: 'DELETE', token })).status, 204)

  await refusesAll(t, app, { 'the token itself': token, ...spellings })
})

t.test('oversized tokens are rejected at no cost', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { token, header, claims, current } = await anatomy(app)
  const [head, body, signature] = token.split('.') as [string, string, string]
  await refusesAll(t, app, {
    'much of nothing': 'x'.repeat(15_000),
    'many parts': '.'.repeat(15_000),
    'a long header': `${head}${'A'.repeat(14_000)}.${body}.${signature}`,
    'a long signature': `${head}.${body}.${signature.repeat(150)}`,
    'a long header of a stranger': signToken({ ...header, kid: 'x'.repeat(10_000) }, claims, strangerKey())
  })
  const beyond = await app.request('/products', { token: 'x'.repeat(20_000) })
  t.equal(beyond.status, 431)
  t.equal(beyond.body.type, 'urn:problem-type:product-catalog:headers-too-large')
  t.equal((await app.request('/products', { token: signToken(header, claims, current.privateKey) })).status, 200)
})
