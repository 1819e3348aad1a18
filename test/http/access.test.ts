/* Access rights: every operation of the document, requested by every kind of caller. An operation without an entry here fails. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { ADMIN, startApp } from '../helpers/app.js'
import { mug } from '../helpers/local-products.js'
import { operations } from '../helpers/operations.js'
import { sourceProduct } from '../helpers/products.js'
import { isDeep } from '../helpers/runs.js'
import { decodeToken, signToken } from '../helpers/tokens.js'

type Access = 'public' | 'signed in' | 'catalog:read' | 'catalog:write' | 'catalog:sync'

/** The access that each operation requires. Add new operations here. */
const accessOf: Record<string, Access> = {
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
  replaceCategory: 'catalog:write',
  revertCategory: 'catalog:write',
  listProductHistory: 'catalog:write',
  importProducts: 'catalog:write',
  getSync: 'catalog:sync',
  startSync: 'catalog:sync'
}

const INVALID_TOKEN = 'invalid-token'
const NOT_SIGNED_IN = 'not-signed-in'
const MISSING_SCOPE = 'insufficient-scope'
const ALLOWED = 'allowed'

/** The expected outcome for each caller. `useless` has a token without any scope of the catalog. */
const expectedOutcomes: Record<Access, Record<string, string>> = {
  public: toOutcomes(ALLOWED, ALLOWED, ALLOWED, ALLOWED, ALLOWED),
  'signed in': toOutcomes(NOT_SIGNED_IN, INVALID_TOKEN, ALLOWED, ALLOWED, ALLOWED),
  'catalog:read': toOutcomes(NOT_SIGNED_IN, INVALID_TOKEN, MISSING_SCOPE, ALLOWED, ALLOWED),
  'catalog:write': toOutcomes(NOT_SIGNED_IN, INVALID_TOKEN, MISSING_SCOPE, MISSING_SCOPE, ALLOWED),
  'catalog:sync': toOutcomes(NOT_SIGNED_IN, INVALID_TOKEN, MISSING_SCOPE, MISSING_SCOPE, MISSING_SCOPE, ALLOWED)
}

function toOutcomes(nobody: string, ended: string, useless: string, reader: string, editor: string, admin = editor) {
  return { nobody, expired: ended, revoked: ended, useless, reader, editor, admin }
}

t.test('every operation has an access entry, and every entry an operation', async (t) => {
  t.strictSame(Object.keys(accessOf).sort(), operations.map(({ operationId }) => operationId).sort())
})

t.test('the document declares which operations need a token and which can respond with 403', async (t) => {
  for (const { operationId, security, responses } of operations) {
    const access = accessOf[operationId] as Access
    t.strictSame(security, access === 'public' ? [{}] : undefined, operationId)
    t.equal('403' in responses, access !== 'public', operationId)
  }
})

/** Returns a request that succeeds if it is allowed. `turn` counts the requests, up to the number of products. */
const requests: Record<string, (turn: number) => { path?: string; json?: unknown; headers?: Record<string, string> }> =
  {
    signIn: () => ({ json: ADMIN }),
    createProduct: (turn) => ({ json: { ...mug, sku: `MUG-${turn}` } }),
    updateProduct: (turn) => ({ json: { stock: turn }, headers: { 'if-match': '*' } }),
    deleteProduct: (turn) => ({ path: `/products/${turn}`, headers: { 'if-match': '*' } }),
    revertProduct: () => ({ headers: { 'if-match': '*' } }),
    replaceCategory: () => ({ json: { position: 1 } }),
    importProducts: () => ({
      path: '/products/import?dryRun=true&mode=each',
      json: mug,
      headers: { 'content-type': 'application/x-ndjson' }
    }),
    startSync: () => ({ json: {} })
  }

t.test('every operation accepts or rejects each caller as listed, by header and by cookie', async (t) => {
  const products = Array.from({ length: 100 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products, config: { trustProxy: ['127.0.0.1'] } })
  const { privateKey } = app.app.services.keys.current
  const admin = (await app.signIn()).body.token
  const roles = { reader: await app.tokenOf('reader'), editor: await app.tokenOf('editor'), admin }
  const revoked = (await app.signIn()).body.token
  await app.request('/auth', { method: 'DELETE', token: revoked })

  /** Creates a new token for each request, because one of the operations revokes it. */
  const tokenOf = (caller: string): string | undefined => {
    if (caller === 'nobody') return undefined
    if (caller === 'revoked') return revoked
    const { header, claims } = decodeToken(roles[caller as keyof typeof roles] ?? admin)
    const now = Math.floor(Date.now() / 1000)
    const changes = {
      ...(caller === 'expired' && { iat: now - 60, exp: now - 1 }),
      ...(caller === 'useless' && { scope: 'accounts:admin' })
    }
    return signToken(header, { ...claims, jti: randomUUID(), ...changes }, privateKey)
  }

  let turn = 1
  let pairs = 0
  for (const { operationId, method, path } of operations) {
    for (const [caller, expected] of Object.entries(expectedOutcomes[accessOf[operationId] as Access])) {
      for (const by of isDeep ? ['header', 'cookie'] : [pairs++ % 2 === 0 ? 'header' : 'cookie']) {
        const token = tokenOf(caller)
        const request = requests[operationId]?.(++turn)
        const { status, body } = await app.request(
          request?.path ?? path.replace('{id}', '1').replace('{slug}', 'beauty'),
          {
            method,
            token: by === 'header' ? (token ?? null) : null,
            ...(request?.json !== undefined && { json: request.json }),
            headers: {
              // Another address for each request avoids the rate limits.
              'x-forwarded-for': `10.0.0.${turn}`,
              ...(by === 'cookie' &&
                token !== undefined && { cookie: `token=${token}`, 'sec-fetch-site': 'same-origin' }),
              ...request?.headers
            }
          }
        )
        const outcome = status < 300 ? ALLOWED : body?.type.split(':').at(-1)
        t.equal(outcome, expected, `${operationId} for ${caller} by ${by}`)
        t.equal(status, { [ALLOWED]: status, [MISSING_SCOPE]: 403 }[expected] ?? 401)
      }
    }
  }
})

t.test('paths without an operation respond with 404', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const paths = ['/admin', '/accounts', '/debug', '/metrics', '/.env', '/.git/config', '/products/1/admin']
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'DELETE']) {
      t.equal((await app.request(path, { method, token: null })).status, 404, `${method} ${path}`)
    }
  }
})
