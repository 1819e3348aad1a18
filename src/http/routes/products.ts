import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ConditionalRead } from '../../../schemas/headers.js'
import { ProductPage, ProductQuery } from '../../../schemas/listing.js'
import { Product, ProductId } from '../../../schemas/product.js'
import { catalogHeaders, notModified, ok, problems } from '../../../schemas/responses.js'
import type { Catalog } from '../../catalog/catalog.js'
import { toLinkHeader } from '../../catalog/page-links.js'
import { parseQuery } from '../../catalog/query.js'
import { ProblemError } from '../problems.js'

/** For text that is finished JSON: Fastify would call it plain text. */
const JSON_TYPE = 'application/json; charset=utf-8'

export const productRoutes: FastifyPluginAsyncTypebox<{ catalog: Catalog }> = async (app, { catalog }) => {
  app.get(
    '/products',
    {
      schema: {
        operationId: 'listProducts',
        tags: ['catalog'],
        summary: 'Find products',
        description:
          'The products that satisfy all parameters, in their short form, page by page. `q` searches, `category`, `brand`, ' +
          '`tag`, `availability` and the bounds filter, `sort` orders, `facets` counts what can be chosen next.\n\n' +
          'To show pages by number, use `limit` and `offset`. To read all, follow `nextCursor`: it continues after the last ' +
          'product of a page, so that none is skipped or repeated though products come and go meanwhile.',
        querystring: ProductQuery,
        headers: ConditionalRead,
        response: {
          200: ok(ProductPage, 'A page of products.', 'Link', ...catalogHeaders),
          304: notModified,
          ...problems(400, 401, 403, 406, 412, 429, 500, 503)
        }
      }
    },
    async (request, reply) => {
      const { cursorKey } = request.state
      const query = parseQuery(request.query, cursorKey)
      if (reply.isNotModified()) return reply.send(null)
      const page = await catalog.page(query, cursorKey)
      reply.contentVersion = { revision: page.revision }
      const link = toLinkHeader(request.query, page)
      if (link !== undefined) reply.header('link', link)
      reply.type(JSON_TYPE)
      return page.json
    }
  )

  app.get(
    '/products/:id',
    {
      schema: {
        operationId: 'getProduct',
        tags: ['catalog'],
        summary: 'One product, in full',
        description: 'Everything that is known of one product, its reviews included.',
        params: ProductId,
        headers: ConditionalRead,
        response: {
          200: ok(Product, 'The product.', ...catalogHeaders),
          304: notModified,
          ...problems(400, 401, 403, 404, 406, 412, 429, 500, 503)
        }
      }
    },
    async ({ params }, reply) => {
      const { json, revision, changed } = await catalog.product(params.id)
      if (json === undefined) throw new ProblemError('product-not-found', `There is no product ${params.id}.`)
      reply.contentVersion = { revision, changed }
      reply.type(JSON_TYPE)
      return json
    }
  )
}
