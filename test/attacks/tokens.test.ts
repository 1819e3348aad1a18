/* Forged, altered and expired tokens. */
import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { startApp, type TestApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { mascara } from '../helpers/products.js'
import { TestSource } from '../helpers/source.js'
import {
  createUnknownKey,
  decodeToken,
  signText,
  signToken,
  signWithSecret,
  unsigned,
  withEquivalentSignature
} from '../helpers/tokens.js'

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
async function rejectsAll(t: Test, app: TestApp, tokens: Record<string, string>): Promise<void> {
  for (const [what, token] of Object.entries(tokens)) {
    t.strictSame(await statuses(app, token), [401, 401, 401, 401, 401], what)
  }
  t.equal((await app.request('/products/1')).status, 200)
}

/** Signs in. Returns the token, its parts and the key that signed it. */
async function signInAndDecode(app: TestApp) {
  const token = (await app.signIn()).body.token as string
  const { current } = app.app.services.keys
  const { header, claims } = decodeToken(token)
  const [head, body, signature] = token.split('.') as [string, string, string]
  return { token, header, claims, head, body, signature, current, now: Math.floor(Date.now() / 1000) }
}

t.test('the service neither uses nor fetches a key that the token names, embeds or links to', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { header, claims, current } = await signInAndDecode(app)
  const trap = new TestSource([])
  await trap.listen()
  t.teardown(() => trap.close())
  const stranger = createUnknownKey()
  const { kty, crv, x, y } = createPublicKey(stranger).export({ format: 'jwk' })
  const jwk = { kty, crv, x, y, alg: 'ES256', use: 'sig', kid: 'mine' }
  trap.answer = (_request, response) => response.end(JSON.stringify({ keys: [jwk] }))
  const by = (changes: object) => signToken({ ...header, ...changes }, claims, stranger)

  await rejectsAll(t, app, {
    'jwk, with the kid of the service': by({ jwk: { ...jwk, kid: current.id } }),
    'jwk, with a kid of its own': by({ jwk, kid: 'mine' }),
    'jwk and no kid': by({ jwk, kid: undefined }),
    jku: by({ jku: `${trap.url}/keys`, kid: 'mine' }),
    'jku, with the kid of the service': by({ jku: `${trap.url}/keys` }),
    x5u: by({ x5u: `${trap.url}/certificate` }),
    x5c: by({ x5c: [stranger.replaceAll(/-.*-|\n/g, '')] }),
    'a file path as kid': by({ kid: '../../../../dev/null' }),
    'a URL as kid': by({ kid: `${trap.url}/keys` }),
    'SQL as kid': by({ kid: "x' union select private_key from signing_key --" }),
    'a shell command as kid': by({ kid: '$(id)' }),
    '__proto__ as kid': by({ kid: '__proto__' }),
    'an empty kid': by({ kid: '' }),
    'null as kid': by({ kid: null }),
    'a list as kid': by({ kid: [current.id] }),
    'HS256 with the kid as the secret': signWithSecret({ ...header, alg: 'HS256' }, claims, current.id),
    'HS256 with an empty secret': signWithSecret({ ...header, alg: 'HS256' }, claims, ''),
    'HS256 with the public JWK as the secret': signWithSecret(
      { ...header, alg: 'HS256' },
      claims,
      JSON.stringify(current.jwk)
    ),
    'HS256 with the public PEM key as the secret': signWithSecret(
      { ...header, alg: 'HS256' },
      claims,
      current.publicKey
    )
  })
  t.strictSame(trap.requests, [])
})

t.test('the token cannot choose the algorithm', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { header, claims, head, body, signature, current } = await signInAndDecode(app)
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

  await rejectsAll(t, app, {
    ...Object.fromEntries(algorithms.map((alg) => [`an ES256 signature with the alg "${alg}"`, ours({ alg })])),
    ...Object.fromEntries(
      algorithms.map((alg) => [`no signature, with the alg "${alg}"`, unsigned({ ...header, alg }, claims)])
    ),
    'no alg': ours({ alg: undefined }),
    'a list as alg': ours({ alg: ['none', 'ES256'] }),
    'a number as alg': ours({ alg: 256 }),
    'constructor as alg': ours({ alg: 'constructor' }),
    'a signature of 64 zero bytes': `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
    'a signature of 64 bytes of 0xff': `${head}.${body}.${Buffer.alloc(64, 0xff).toString('base64url')}`,
    'half of the signature': `${head}.${body}.${signature.slice(0, 43)}`,
    'the signature twice': `${head}.${body}.${signature}${signature}`,
    'an encoded space in the signature': `${head}.${body}.${signature.slice(0, 10)}%20${signature.slice(10)}`,
    'padding after the signature': `${head}.${body}.${signature}==`,
    'a fourth part': `${head}.${body}.${signature}.${signature}`,
    'five parts, like an encrypted token': `${head}..${body}.${signature}.`,
    'header and claims swapped': `${body}.${head}.${signature}`,
    'an EdDSA signature': signToken({ ...header, alg: 'EdDSA' }, claims, ed25519, null)
  })
})

onOneEngine('a token needs the header and claims of a token of the service', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { header, claims, now, current } = await signInAndDecode(app)
  const ours = (changes: object) => signToken(header, { ...claims, ...changes }, current.privateKey)
  const text = (claims: string, head = JSON.stringify(header)) => signText(head, claims, current.privateKey)
  const wrong = [undefined, null, 0, true, '', [], {}, -1, 'other', ['product-catalog'], { $ne: null }]
  const names = ['iss', 'aud', 'sub', 'jti', 'iat', 'exp', 'scope', 'gen']
  t.strictSame(
    await statuses(app, ours({ scope: '', jti: randomUUID() })),
    [403, 403, 403, 204, 401],
    'an empty scope and another jti are valid'
  )
  await rejectsAll(
    t,
    app,
    Object.fromEntries(
      names.flatMap((name) =>
        wrong
          // Every string is a valid list of scopes.
          .filter((value) => !(name === 'scope' && typeof value === 'string') && !(name === 'iat' && value === 0))
          .map((value) => [`${JSON.stringify(value)} as ${name}`, ours({ [name]: value })])
      )
    )
  )
  await rejectsAll(t, app, {
    'exp in the past': ours({ iat: now - 7200, exp: now - 1 }),
    'a negative exp': ours({ exp: -1e15 }),
    'an infinite exp': text(JSON.stringify(claims).replace(`"exp":${claims.exp}`, '"exp":1e999')),
    'exp after the year 9999': ours({ exp: 1e15 }),
    'a fractional exp': ours({ exp: now + 60.5 }),
    'nbf in the future': ours({ nbf: now + 60 }),
    'nbf of 1e300': ours({ nbf: 1e300 }),
    'text as nbf': ours({ nbf: 'now' }),
    'iat in the future': ours({ iat: now + 300 }),
    'two audiences': ours({ aud: ['product-catalog', 'other'] }),
    'JWT as typ': signToken({ ...header, typ: 'JWT' }, claims, current.privateKey),
    'id+jwt as typ': signToken({ ...header, typ: 'id+jwt' }, claims, current.privateKey),
    'a list as typ': signToken({ ...header, typ: ['at+jwt'] }, claims, current.privateKey),
    'no typ': signToken({ ...header, typ: undefined }, claims, current.privateKey),
    'crit that lists exp': signToken({ ...header, crit: ['exp'] }, claims, current.privateKey),
    ...Object.fromEntries(
      [null, false, 0, '', [], {}, 'exp', true].map((crit) => [
        `${JSON.stringify(crit)} as crit`,
        signToken({ ...header, crit }, claims, current.privateKey)
      ])
    ),
    'crit that lists b64': signToken({ ...header, crit: ['b64'], b64: false }, claims, current.privateKey),
    'an unknown account as sub': ours({ sub: 'root' }),
    'SQL as sub': ours({ sub: "admin' --" }),
    'a NUL in sub': ours({ sub: 'admin\0' }),
    'a NUL in jti': ours({ jti: `${claims.jti}\0` }),
    'another gen': ours({ gen: randomUUID() }),
    'a long sub': ours({ sub: 'a'.repeat(4000) }),
    'a list as the claims': text(JSON.stringify([claims])),
    'empty text as the claims': text(''),
    'null as the claims': text('null'),
    'claims in __proto__': text(`{"__proto__":${JSON.stringify(claims)}}`),
    'claims without the closing brace': text(JSON.stringify(claims).slice(0, -1)),
    'nested arrays as the claims': text(`${'['.repeat(3000)}${']'.repeat(3000)}`),
    'null as the header': text(JSON.stringify(claims), 'null'),
    'a list as the header': text(JSON.stringify(claims), JSON.stringify([header])),
    'text as the header': text(JSON.stringify(claims), '"ES256"'),
    'a header in __proto__': text(JSON.stringify(claims), `{"__proto__":${JSON.stringify(header)}}`)
  })
})

onOneEngine('revoking a token revokes all its encodings', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { token, header, claims, current } = await signInAndDecode(app)
  const encodings = {
    'the equivalent signature (r, -s)': withEquivalentSignature(token),
    'other unused bits in the last character': `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : String.fromCharCode(token.charCodeAt(token.length - 1) + 1)}`,
    'a new signature of the same header and claims': signToken(header, claims, current.privateKey),
    'typ with the prefix application/': signToken({ ...header, typ: 'application/at+jwt' }, claims, current.privateKey)
  }
  t.equal(
    (await app.request('/products', { token: withEquivalentSignature(token) })).status,
    200,
    'the equivalent signature is valid before the sign-out'
  )

  t.equal((await app.request('/auth', { method: 'DELETE', token })).status, 204)

  await rejectsAll(t, app, { 'the revoked token': token, ...encodings })
})

t.test('oversized tokens are rejected', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { token, header, claims, current } = await signInAndDecode(app)
  const [head, body, signature] = token.split('.') as [string, string, string]
  await rejectsAll(t, app, {
    '15,000 letters': 'x'.repeat(15_000),
    '15,000 dots': '.'.repeat(15_000),
    'a long header': `${head}${'A'.repeat(14_000)}.${body}.${signature}`,
    'a long signature': `${head}.${body}.${signature.repeat(150)}`,
    'a long kid, signed with an unknown key': signToken(
      { ...header, kid: 'x'.repeat(10_000) },
      claims,
      createUnknownKey()
    )
  })
  const beyond = await app.request('/products', { token: 'x'.repeat(20_000) })
  t.equal(beyond.status, 431)
  t.equal(beyond.body.type, 'urn:problem-type:product-catalog:headers-too-large')
  t.equal((await app.request('/products', { token: signToken(header, claims, current.privateKey) })).status, 200)
})
