import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { Conditional, Idempotent } from '../../../schemas/headers.js'
import { Product, WrittenProductId } from '../../../schemas/product.js'
import { PRODUCT_BODY_MAX, ProductInput, ProductPatch } from '../../../schemas/product-input.js'
import { body, empty, ok, problems } from '../../../schemas/responses.js'
import type { Editor, RemovedProduct, WriteConditions, WrittenProduct } from '../../editing/editor.js'
import { separateRemovals } from '../../products/edits.js'
import { isObject } from '../../support/is-object.js'
import { normalizeBody } from '../normalized-bodies.js'
import { ignoreBodies } from '../plugins/ignored-bodies.js'
import { MERGE_PATCH } from '../plugins/request-bodies.js'
import { ProblemError } from '../problems.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The fields that a merge patch removes. */
    removals: Record<string, null>
  }
}

/** Routes that create, update and delete products. */
export const editingRoutes: FastifyPluginAsyncTypebox<{ editor: Editor }> = async (app, { editor }) => {
  app.decorateRequest('removals', null as unknown as Record<string, null>)

  app.post(
    '/products',
    {
      bodyLimit: PRODUCT_BODY_MAX,
      preValidation: normalizeBody,
      schema: {
        operationId: 'createProduct',
        tags: ['managing'],
        summary: 'Create a product',
        description:
          'Creates a local product, which does not exist in the source. The service assigns an `id` of 1,000,000,000 or higher that no other ' +
          'product has.',
        headers: Idempotent,
        body: body(ProductInput, 'application/json'),
        response: {
          201: ok(Product, 'The created product.', 'Location', 'ETag'),
          ...problems(400, 401, 403, 409, 413, 415, 422, 429, 500, 503)
        }
      }
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key'] as string | undefined
      const account = request.user.sub
      const written = await editor.create(
        request.body,
        writer(request),
        key === undefined ? undefined : { account, key }
      )
      logChange('product created', written, request)
      // Relative to `/products` (RFC 9110, section 10.2.2), because a proxy may add a prefix to all paths.
      reply.code(201).header('location', `products/${written.id}`)
      return send(written, reply)
    }
  )

  app.patch(
    '/products/:id',
    {
      bodyLimit: PRODUCT_BODY_MAX,
      onRequest: requireIfMatch,
      preValidation: [takeRemovals, normalizeBody],
      schema: {
        operationId: 'updateProduct',
        tags: ['managing'],
        summary: 'Update a product',
        description:
          'Updates the fields in the request body, a JSON Merge Patch (RFC 7396). The media type `application/merge-patch+json` ' +
          'is also accepted.\n\n' +
          'In a source product, edited fields keep their value in later syncs, even if the product disappears from the source and ' +
          'reappears. All other fields keep following the source. A value that equals the current one does not count as an edit.',
        params: WrittenProductId,
        headers: Conditional,
        body: body(ProductPatch, 'application/json', MERGE_PATCH),
        response: {
          200: ok(Product, 'The updated product.', 'ETag'),
          ...problems(400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 500, 503)
        }
      }
    },
    async (request, reply) => {
      const patch = { ...request.body, ...request.removals }
      const written = await editor.change(request.params.id, patch, conditions(request), writer(request))
      logChange('product edited', written, request)
      return send(written, reply)
    }
  )

  await app.register(removingRoutes, { editor })
}

const removingRoutes: FastifyPluginAsyncTypebox<{ editor: Editor }> = async (app, { editor }) => {
  ignoreBodies(app)

  app.delete(
    '/products/:id',
    {
      onRequest: requireIfMatch,
      schema: {
        operationId: 'deleteProduct',
        tags: ['managing'],
        summary: 'Delete a product',
        description:
          'Hides a source product, or deletes a local product permanently. Syncs do not bring a hidden product back. To show it ' +
          'again, call `DELETE /products/{id}/edits` with the `ETag` of this response as `If-Match`.',
        params: WrittenProductId,
        headers: Conditional,
        response: {
          204: empty('The product is hidden or deleted.', 'ETag'),
          ...problems(400, 401, 403, 404, 412, 428, 429, 500, 503)
        }
      }
    },
    async (request, reply) => {
      const removed = await editor.remove(request.params.id, conditions(request), writer(request))
      const { etag } = removed
      logChange(etag === undefined ? 'product deleted' : 'product hidden', removed, request)
      if (etag !== undefined) reply.header('etag', etag)
      return reply.code(204).send(null)
    }
  )

  app.delete(
    '/products/:id/edits',
    {
      onRequest: requireIfMatch,
      schema: {
        operationId: 'revertProduct',
        tags: ['managing'],
        summary: 'Revert all edits of a product',
        description:
          'Removes all edits of a source product, so that every field follows the source again. Also shows the product again if it ' +
          'was hidden. The response is 409 for a local product, which has no source to revert to, and if another product now has the SKU from the source.',
        params: WrittenProductId,
        headers: Conditional,
        response: {
          200: ok(Product, 'The product without edits.', 'ETag'),
          ...problems(400, 401, 403, 404, 409, 412, 428, 429, 500, 503)
        }
      }
    },
    async (request, reply) => {
      const written = await editor.revert(request.params.id, conditions(request), writer(request))
      logChange('product reverted', written, request)
      return send(written, reply)
    }
  )
}

const writer = ({ user }: FastifyRequest) => ({ by: 'account' as const, account: user.sub })

/** Logs a write after its commit, without the values. A write that changed nothing is not logged. */
function logChange(
  message: string,
  { id, change }: WrittenProduct | RemovedProduct,
  { log, user }: FastifyRequest
): void {
  if (change) log.info({ account: user.sub, id, ...change }, message)
}

function conditions({ headers }: { headers: object }): WriteConditions {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers as Record<string, string>
  return { ifMatch: ifMatch as string, ifNoneMatch }
}

/** Rejects writes without `If-Match` (RFC 6585, section 3). */
function requireIfMatch(request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void {
  if (request.headers['if-match'] !== undefined) {
    done()
    return
  }
  const detail = 'Send the ETag of the product as If-Match.'
  done(new ProblemError('precondition-required', detail, { errors: [{ in: 'header', pointer: '/If-Match', detail }] }))
}

/** Takes the fields with `null` out of a merge patch, because the subset of OpenAPI in use cannot express `null`. */
function takeRemovals(request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void {
  const { body } = request
  if (isObject(body)) {
    const { rest, removals } = separateRemovals(body)
    request.body = rest
    request.removals = removals
  }
  done()
}

function send({ etag, json }: WrittenProduct, reply: FastifyReply): WrittenProduct['json'] {
  reply.header('etag', etag).type('application/json; charset=utf-8')
  return json
}
