import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { CategoryList } from '../../../schemas/category.js'
import { ConditionalRead } from '../../../schemas/headers.js'
import { catalogHeaders, notModified, ok, problems } from '../../../schemas/responses.js'
import type { Catalog } from '../../catalog/catalog.js'

export const categoryRoutes: FastifyPluginAsyncTypebox<{ catalog: Catalog }> = async (app, { catalog }) => {
  app.get(
    '/categories',
    {
      schema: {
        operationId: 'listCategories',
        tags: ['catalog'],
        summary: 'List categories',
        description:
          'Returns all categories with at least one product, sorted by slug, and the number of products in each.',
        headers: ConditionalRead,
        response: {
          200: ok(CategoryList, 'Categories.', ...catalogHeaders),
          304: notModified,
          ...problems(400, 401, 403, 406, 412, 429, 500, 503)
        }
      }
    },
    async (_request, reply) => {
      if (reply.isNotModified()) return reply.send(null)
      const { categories, revision } = await catalog.categories()
      reply.contentVersion = { revision }
      return { categories }
    }
  )
}
