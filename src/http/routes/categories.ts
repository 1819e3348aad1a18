import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Category, CategoryInput, CategoryList, CategorySlug } from '../../../schemas/category.js'
import { ConditionalRead } from '../../../schemas/headers.js'
import { body, catalogHeaders, empty, notModified, ok, problems } from '../../../schemas/responses.js'
import type { Catalog } from '../../catalog/catalog.js'
import type { CategoryEditor } from '../../editing/category-editor.js'
import { normalizeBody } from '../normalized-bodies.js'
import { ignoreBodies } from '../plugins/ignored-bodies.js'

export const categoryRoutes: FastifyPluginAsyncTypebox<{ catalog: Catalog }> = async (app, { catalog }) => {
  app.get(
    '/categories',
    {
      schema: {
        operationId: 'listCategories',
        tags: ['catalog'],
        summary: 'List categories',
        description:
          'Returns the categories, which form a tree: `parent` names the category above. `products` counts the products in a category and ' +
          'its descendants, as the filter `category` of `GET /products` does. Categories without products are not in the list, unless a ' +
          'descendant has some. Categories with a `position` come first. The others are sorted by name.',
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

/**
 * Routes that edit categories. They do not require `If-Match`: a category has no entity tag of its own, and that of the list changes with
 * each product. A write sends all edits of one category, so it cannot combine with those of another editor.
 */
export const categoryEditingRoutes: FastifyPluginAsyncTypebox<{ categoryEditor: CategoryEditor }> = async (
  app,
  { categoryEditor }
) => {
  app.put(
    '/categories/:slug',
    {
      preValidation: normalizeBody,
      schema: {
        operationId: 'replaceCategory',
        tags: ['managing'],
        summary: 'Edit or create a category',
        description:
          'Sets the name, the parent and the position of a category. The values replace all earlier edits of the category, and later ' +
          'syncs do not change them. Omitted fields follow the source. If the category does not exist, it is created. It appears in `GET /categories` once it or ' +
          'a descendant has a product.\n\n' +
          'The response is 409 if the parent does not exist, or if the category would become its own ancestor. If the parent disappears ' +
          'later, the category has the parent that the source gives it, until the parent in the edit exists again.',
        params: CategorySlug,
        body: body(CategoryInput, 'application/json'),
        response: {
          200: ok(Category, 'The category.'),
          201: ok(Category, 'The created category.'),
          ...problems(400, 401, 403, 409, 413, 415, 429, 500, 503)
        }
      }
    },
    async ({ params, body, user, log }, reply) => {
      const author = { by: 'account' as const, account: user.sub }
      const { category, isNew, revision } = await categoryEditor.replace(params.slug, body, author)
      if (revision !== undefined)
        log.info({ account: user.sub, slug: params.slug, fields: category.edited, revision }, 'category edited')
      return reply.code(isNew ? 201 : 200).send(category)
    }
  )

  await app.register(revertingRoutes, { categoryEditor })
}

const revertingRoutes: FastifyPluginAsyncTypebox<{ categoryEditor: CategoryEditor }> = async (
  app,
  { categoryEditor }
) => {
  ignoreBodies(app)

  app.delete(
    '/categories/:slug/edits',
    {
      schema: {
        operationId: 'revertCategory',
        tags: ['managing'],
        summary: 'Revert all edits of a category',
        description:
          'Removes the edits of a category, so that its name and parent follow the source again. A category that exists only because of ' +
          'its edits disappears.',
        params: CategorySlug,
        response: {
          204: empty('The category has no edits.'),
          ...problems(400, 401, 403, 404, 429, 500, 503)
        }
      }
    },
    async ({ params, user, log }, reply) => {
      const revision = await categoryEditor.revert(params.slug, { by: 'account', account: user.sub })
      if (revision !== undefined) log.info({ account: user.sub, slug: params.slug, revision }, 'category reverted')
      return reply.code(204).send(null)
    }
  )
}
