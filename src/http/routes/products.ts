import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ConditionalRead } from '../../../schemas/headers.js'
import { ProductPage, ProductQuery } from '../../../schemas/listing.js'
import { Product, ProductId } from '../../../schemas/product.js'
import { catalogHeaders, notModified, ok, problems } from '../../../schemas/responses.js'
import type { Catalog } from '../../catalog/catalog.js'
import { toLinkHeader } from '../../catalog/page-links.js'
import { isPublicQuery, parseQuery } from '../../catalog/query.js'
import { requireScope } from '../plugins/authentication.js'
import { ProblemError } from '../problems.js'

/** Content type of prepared JSON. Fastify would send it as plain text. */
const JSON_TYPE = 'application/json; charset=utf-8'

export const productRoutes: FastifyPluginAsyncTypebox<{ catalog: Catalog }> = async (app, { catalog }) => {
  app.get(
    '/products',
    {
      schema: {
        operationId: 'listProducts',
        tags: ['catalog'],
        summary: 'List and search products',
        description:
          'Returns a page of products in their short form. `q` searches the text, filters such as `category` and `minPrice` narrow ' +
          'the list, `sort` orders it, and `facets` adds product counts for each category, brand and so on. A product must match the search and all filters.\n\n' +
          'To show numbered pages, use `limit` and `offset`. To read all products, send the `nextCursor` of each page as `cursor`. ' +
          'The pages then neither skip nor repeat products, even if some are added or removed in the meantime.',
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
      const isPublic = isPublicQuery(query)
      if (!isPublic) requireScope(request, 'catalog:write')
      if (reply.isNotModified()) return reply.send(null)
      const page = await catalog.page(query, cursorKey)
      reply.contentVersion = { revision: page.revision, isPublic }
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
        summary: 'Get a product',
        description:
          'Returns a product with all its fields, including its reviews. Drafts and archived products require the scope `catalog:write`. Without it, the response is 404.',
        params: ProductId,
        headers: ConditionalRead,
        response: {
          200: ok(Product, 'The product.', ...catalogHeaders),
          304: notModified,
          ...problems(400, 401, 403, 404, 406, 412, 429, 500, 503)
        }
      }
    },
    async ({ params, user }, reply) => {
      const { json, revision, changed, isPublic } = await catalog.product(params.id)
      if (json === undefined || !(isPublic || user.scopes.has('catalog:write')))
        throw new ProblemError('product-not-found', `There is no product ${params.id}.`)
      reply.contentVersion = { revision, changed, isPublic }
      reply.type(JSON_TYPE)
      return json
    }
  )
}
