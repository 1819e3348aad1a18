/* Who may do what: every operation of the document, asked by everybody. An operation that nobody has classified here fails. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { ADMIN, startApp } from '../helpers/app.js'
import { mug } from '../helpers/mug.js'
import { operations } from '../helpers/operations.js'
import { sourceProduct } from '../helpers/products.js'
import { parts, signToken } from '../helpers/tokens.js'

type Access = 'public' | 'signed in' | 'catalog:read' | 'catalog:write' | 'catalog:sync'

/** Whoever adds an operation says here who is to have it. */
const classified: Record<string, Access> = {
  getServiceInfo: 'public',
  checkLiveness: 'public',
  checkReadiness: 'public',
  signIn: 'public',
  listPublicKeys: 'public',
  signOut: 'signed in',
  listProducts: 'catalog:read',
  getProduct: 'catalog:read',
  listCategories: 'catalog:read',
  exportProducts: 'catalog:read',
  listChanges: 'catalog:read',
  createProduct: 'catalog:write',
  updateProduct: 'catalog:write',
  deleteProduct: 'catalog:write',
  revertProduct: 'catalog:write',
  listProductHistory: 'catalog:write',
  importProducts: 'catalog:write',
  startSync: 'catalog:sync'
}

const REFUSED_TOKEN = 'invalid-token'
const NO_TOKEN = 'not-signed-in'
const LITTLE = 'insufficient-scope'
const ALLOWED = 'allowed'

/** What each caller is answered: `useless` has a token that is good for none of the catalog. */
const answers: Record<Access, Record<string, string>> = {
  public: toAnswers(ALLOWED, ALLOWED, ALLOWED, ALLOWED, ALLOWED),
  'signed in': toAnswers(NO_TOKEN, REFUSED_TOKEN, ALLOWED, ALLOWED, ALLOWED),
  'catalog:read': toAnswers(NO_TOKEN, REFUSED_TOKEN, LITTLE, ALLOWED, ALLOWED),
  'catalog:write': toAnswers(NO_TOKEN, REFUSED_TOKEN, LITTLE, LITTLE, ALLOWED),
  'catalog:sync': toAnswers(NO_TOKEN, REFUSED_TOKEN, LITTLE, LITTLE, LITTLE, ALLOWED)
}

function toAnswers(nobody: string, ended: string, useless: string, reader: string, editor: string, admin = editor) {
  return { nobody, expired: ended, revoked: ended, useless, reader, editor, admin }
}

t.test('every operation is classified, and every class is that of an operation', async (t) => {
  t.strictSame(Object.keys(classified).sort(), operations.map(({ operationId }) => operationId).sort())
})

t.test('the document says who needs a token, and where a scope can be missing', async (t) => {
  for (const { operationId, security, responses } of operations) {
    const access = classified[operationId] as Access
    t.strictSame(security, access === 'public' ? [{}] : undefined, operationId)
    t.equal('403' in responses, access !== 'public', operationId)
  }
})

/** A request that succeeds where it is allowed; `turn` is another number each time, up to the number of products. */
const requests: Record<string, (turn: number) => { path?: string; json?: unknown; headers?: Record<string, string> }> =
  {
    signIn: () => ({ json: ADMIN }),
    createProduct: (turn) => ({ json: { ...mug, sku: `MUG-${turn}` } }),
    updateProduct: (turn) => ({ json: { stock: turn }, headers: { 'if-match': '*' } }),
    deleteProduct: (turn) => ({ path: `/products/${turn}`, headers: { 'if-match': '*' } }),
    revertProduct: () => ({ headers: { 'if-match': '*' } }),
    importProducts: () => ({
      path: '/products/import?dryRun=true&mode=each',
      json: mug,
      headers: { 'content-type': 'application/x-ndjson' }
    }),
    startSync: () => ({ json: {} })
  }

t.test('every operation answers each caller as its class says, by the header and by the cookie', async (t) => {
  const products = Array.from({ length: 100 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products, config: { trustProxy: ['127.0.0.1'] } })
  const { privateKey } = app.app.services.keys.current
  const admin = (await app.signIn()).body.token
  const roles = { reader: await app.tokenOf('reader'), editor: await app.tokenOf('editor'), admin }
  const revoked = (await app.signIn()).body.token
  await app.request('/auth', { method: 'DELETE', token: revoked })

  /** A token of its own for each request, as one of the operations ends it. */
  const tokenOf = (caller: string): string | undefined => {
    if (caller === 'nobody') return undefined
    if (caller === 'revoked') return revoked
    const { header, claims } = parts(roles[caller as keyof typeof roles] ?? admin)
    const second = Math.floor(Date.now() / 1000)
    const changes = {
      ...(caller === 'expired' && { iat: second - 60, exp: second - 1 }),
      ...(caller === 'useless' && { scope: 'accounts:admin' })
    }
    return signToken(header, { ...claims, jti: randomUUID(), ...changes }, privateKey)
  }

  let turn = 1
  for (const { operationId, method, path } of operations) {
    for (const [caller, answer] of Object.entries(answers[classified[operationId] as Access])) {
      for (const by of ['header', 'cookie']) {
        const token = tokenOf(caller)
        const request = requests[operationId]?.(++turn)
        const { status, body } = await app.request(request?.path ?? path.replace('{id}', '1'), {
          method,
          token: by === 'header' ? (token ?? null) : null,
          ...(request?.json !== undefined && { json: request.json }),
          headers: {
            // From another address each time, for the sake of the limits.
            'x-forwarded-for': `10.0.0.${turn}`,
            ...(by === 'cookie' &&
              token !== undefined && { cookie: `token=${token}`, 'sec-fetch-site': 'same-origin' }),
            ...request?.headers
          }
        })
        const given = status < 300 ? ALLOWED : body?.type.split(':').at(-1)
        t.equal(given, answer, `${operationId} for ${caller} by the ${by}`)
        t.equal(status, { [ALLOWED]: status, [LITTLE]: 403 }[answer] ?? 401)
      }
    }
  }
})

t.test('what no operation has is there for nobody', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const paths = ['/admin', '/accounts', '/debug', '/metrics', '/.env', '/.git/config', '/products/1/admin']
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'DELETE']) {
      t.equal((await app.request(path, { method, token: null })).status, 404, `${method} ${path}`)
    }
  }
})
