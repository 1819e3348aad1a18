import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { documentOptions } from '../document.js'
import { pathOf } from '../request-path.js'

/**
 * The page loads nothing from other hosts. Swagger UI sets style attributes, so inline styles are allowed; inline scripts are not.
 * `upgrade-insecure-requests` is missing on purpose: it would leave the page blank on a LAN address without https.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join('; ')

/** Swagger UI sets no viewport, so phones would render the page at desktop width. */
const VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'

/** The server that the document was loaded from. Relative to the URL of the document, because a proxy may add a prefix to all paths. */
const THIS_SERVER = { url: '..', description: 'This service.' }

const uiConfig = {
  persistAuthorization: true,
  tryItOutEnabled: true,
  deepLinking: true,
  filter: true,
  displayRequestDuration: true,
  requestSnippetsEnabled: true,
  validatorUrl: null
}

/** Collects the routes that are registered after it into the OpenAPI document. */
export const collectDocument = fp(async (app: FastifyInstance) => {
  await app.register(swagger, documentOptions)
})

/**
 * Returns a relative reference from another URL of the page to `/docs/`; undefined for all other requests. At `/docs/`, the page refers to
 * its parts with relative references, which also work behind a proxy that adds a prefix to all paths. At any other URL, Swagger UI would use
 * absolute paths.
 */
function toPageReference({ url, routeOptions }: FastifyRequest): string | undefined {
  if (routeOptions.url === '/docs/static/index.html') return '../'
  if (routeOptions.url !== '/docs' && routeOptions.url !== '/docs/') return undefined
  const path = pathOf(url)
  if (!path.endsWith('/')) return 'docs/'
  return url.endsWith(path) ? undefined : './'
}

/** Publishes Swagger UI at /docs, the OpenAPI document as JSON and YAML, its 3.1 form, and the Postman collection. */
export async function docs(app: FastifyInstance): Promise<void> {
  const { resolve } = createRequire(import.meta.url)
  const asset = async (filename: string) => ({
    filename,
    content: await readFile(resolve(`#assets/${filename}`), 'utf8')
  })
  const logo = await asset('logo.svg')
  app.addHook('onSend', async (_request, reply, payload) => {
    reply.headers({
      'content-security-policy': contentSecurityPolicy,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff'
    })
    const isPage = String(reply.getHeader('content-type')).startsWith('text/html')
    return isPage ? String(payload).replace('<title>', `${VIEWPORT}<title>`) : payload
  })
  app.addHook('onRequest', (request, reply, done) => {
    const location = toPageReference(request)
    if (location === undefined) done()
    else reply.redirect(location, 301)
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    logo: { type: 'image/svg+xml', content: logo.content, href: './' },
    theme: {
      title: 'Product Catalog: API',
      favicon: [{ ...logo, rel: 'icon', sizes: 'any', type: 'image/svg+xml' }],
      css: [await asset('docs.css')],
      js: [await asset('docs.js')]
    },
    uiConfig,
    transformSpecification: (document) => ({ ...document, servers: [THIS_SERVER] })
  })
  const collection = await readFile(resolve('#postman'))
  app.get('/docs/postman.json', { schema: { hide: true } }, (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(collection)
  )
  app.get('/docs/openapi-3.1.json', { schema: { hide: true } }, async () => ({
    ...app.swagger(),
    openapi: '3.1.0',
    servers: [THIS_SERVER]
  }))
}
