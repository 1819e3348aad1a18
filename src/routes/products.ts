import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Product, ProductId, ProductPage, ProductQuery } from '../../schemas/product.js'
import { catalogHeaders, notModified, ok, problems } from '../../schemas/responses.js'
import type { Catalog } from '../catalog/catalog.js'
import { pageLinks } from '../catalog/links.js'
import { ProblemError } from '../problems.js'

/** For text that is finished JSON: Fastify would call it plain text. */
const JSON_TYPE = 'application/json; charset=utf-8'

export const productRoutes: FastifyPluginAsyncTypebox<{ catalog: Catalog }> = async (app, { catalog }) => {
  app.get(
    '/products',
    {
      config: { tag: 'revision' },
      schema: {
        operationId: 'listProducts',
        tags: ['products'],
        summary: 'Products, page by page',
        description:
          'The short form of the products, in the order of their ids. `limit` and `offset` choose the page; ' +
          'the `Link` header has the addresses of its neighbors.',
        querystring: ProductQuery,
        response: {
          200: ok(ProductPage, 'A page of products.', 'Link', ...catalogHeaders),
          304: notModified,
          ...problems(400, 401, 403, 429, 500, 503)
        }
      }
    },
    async ({ query }, reply) => {
      const { json, total, revision } = await catalog.page(query)
      reply.madeOf = { revision }
      reply.header('link', pageLinks(query, total)).type(JSON_TYPE)
      return json
    }
  )

  app.get(
    '/products/:id',
    {
      schema: {
        operationId: 'getProduct',
        tags: ['products'],
        summary: 'One product, in full',
        description: 'Everything that is known of one product, its reviews included.',
        params: ProductId,
        response: {
          200: ok(Product, 'The product.', ...catalogHeaders),
          304: notModified,
          ...problems(400, 401, 403, 404, 429, 500, 503)
        }
      }
    },
    async ({ params }, reply) => {
      const { json, revision, changed } = await catalog.product(params.id)
      if (json === undefined) throw new ProblemError('product-not-found', `There is no product ${params.id}.`)
      reply.madeOf = { revision, changed }
      reply.type(JSON_TYPE)
      return json
    }
  )
}
