import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { OpenAPIV3 } from 'openapi-types'
import { PROBLEM_MEDIA_TYPE, problemType } from '../../schemas/problem.js'
import { type ProblemStatus, problemResponses, statusesOfAll } from '../../schemas/problem-responses.js'
import { commonHeaders, type ResponseHeader, responseHeaders } from '../../schemas/responses.js'
import { version } from '../version.js'

const description = [
  'Products for shops: a catalog that keeps its own up-to-date copy of a product source, and serves it to front ends and other ' +
    'services. **New here?** First sign in: run `POST /auth` below with the name and the password of an account. (The first start ' +
    'of the service makes the account `admin`, and shows its password on the terminal, or writes it to a file that the log names.) The response sets a cookie, so that from then on ' +
    'you can run every operation that your account allows. Reading operations work as they are filled in; operations that change or remove ' +
    'a product ask for its id and `ETag`. Then run `GET /products` to find products, and `GET /products/{id}` ' +
    'to see one in full. `DELETE /auth` signs out.',

  '**Sign in.** `POST /auth` answers with a token. Programs send it with each request as `Authorization: Bearer <token>`; to do so ' +
    'on this page, paste it into *Authorize*, under *bearerAuth*. A browser sends the cookie `token` (`__Host-token` over https) by itself; it is HttpOnly, so a ' +
    'page cannot set it, and the box for *cookieAuth* has no effect here. Where both come, the header counts. Programs that are no ' +
    'browser read by the cookie, too, but write with the header: what changes something by the cookie has to come from a page of ' +
    'this origin, or of one in `CORS_ORIGINS` of the same site. Pages of other sites get no cookie (`SameSite=Strict`): they send ' +
    'the header.',

  '**Read.** `GET /products` finds products: `q` searches, `category`, `brand`, `tag`, `availability` and the bounds filter, `sort` ' +
    'orders, and `facets` counts what can be chosen next. Pages are reached by number, with `limit` and `offset`, or one after the ' +
    'other, by the `nextCursor` of each: so none is skipped or repeated though products come and go meanwhile. ' +
    '`GET /products/{id}` has one product in full.',

  '**Manage.** Editors make, change and remove products. What they change of a product of the source lies over what the source ' +
    'says, field by field, and no sync touches it; `edited` names those fields, and `DELETE /products/{id}/edits` drops them. ' +
    '`If-Match` takes the `ETag` that was read, so that nobody overwrites anybody.',

  '**Follow.** Every change has the next number. `GET /changes` tells all after one, as pages or, with ' +
    '`Accept: text/event-stream`, as they happen. To keep a copy, take the `revision` of `GET /`, read or export all products, and ' +
    'follow from there.',

  `**Errors** are problems (RFC 9457) with the media type \`${PROBLEM_MEDIA_TYPE}\`. \`type\` is \`${problemType('')}\` and one of the names ` +
    'that each error response below explains; `detail`, where there is one, says what happened and what to do about it; `errors` points ' +
    'to each value that was refused; `requestId` finds the request in the log. Every response has that id as `X-Request-Id`, and a request ' +
    'may bring its own in the same header. Any address can also answer 404 (`not-found`) and 405.',

  '**Limits.** Requests are counted by address and by account: 600 in a minute, unless the operator has set another number, and ten ' +
    'sign-ins by address. An IPv6 network (/64) counts as one address. The `RateLimit-*` headers tell how many are left in this minute, ' +
    'by whichever count has less. After 429 or 503, wait as long as `Retry-After` says.',

  '**Freshness.** No request waits for the source. While the source does not answer, the last known catalog goes on being served; ' +
    '`GET /` tells how old it is, and `Cache-Status` whether it is still the sample that ships with the service.'
].join('\n\n')

/** The head of the OpenAPI document, and how the routes become its paths. The subset of 3.0 that is used is valid in 3.1 too. */
export const documentOptions: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.0.3',
    info: {
      title: 'Product Catalog',
      version,
      description,
      // Of a reserved domain (RFC 2606): whoever publishes the service puts theirs here.
      contact: {
        name: 'Product Catalog maintainers',
        url: 'https://product-catalog.example',
        email: 'maintainers@product-catalog.example'
      },
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' }
    },
    // Not by name: linters take `localhost` for a mistake.
    servers: [{ url: 'http://127.0.0.1:5000', description: 'Local: the service on your own machine.' }],
    tags: [
      { name: 'auth', description: 'Signing in and out.' },
      {
        name: 'catalog',
        description: 'Reading the catalog. This needs the scope `catalog:read`, which every account has.'
      },
      {
        name: 'managing',
        description:
          'Changing the catalog. This needs the scope `catalog:write`, which editors and admins have; `POST /sync` needs `catalog:sync`, ' +
          'which only admins have.'
      },
      { name: 'service', description: 'The service itself: what it is, and how it is.' }
    ],
    security: [{ bearerAuth: [] }, { cookieAuth: [] }],
    components: {
      securitySchemes: {
        bearerAuth: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'The `token` that `POST /auth` answers with: a JWT signed with ES256 (RFC 9068), issued and checked as RFC8725 asks for.'
        },
        cookieAuth: {
          type: 'apiKey',
          in: 'cookie',
          name: 'token',
          description:
            'The same token as a cookie, set by `POST /auth`; over https its name is `__Host-token`. It is HttpOnly: browsers send it by themselves, pages cannot set it. ' +
            'What changes something by the cookie has to come from a page of the same origin, as `Sec-Fetch-Site: same-origin` or, ' +
            'where a browser does not say that, `Origin` tells; else the answer is 403.'
        }
      }
    }
  },
  refResolver: { buildLocalReference: (json) => String(json.$id) },
  transformObject: (document) => finishDocument((document as { openapiObject: OpenAPIV3.Document }).openapiObject)
}

/** Gives the responses what they share: errors become references, and every answer carries the common headers. */
function finishDocument(document: OpenAPIV3.Document): OpenAPIV3.Document {
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path as Record<string, OpenAPIV3.OperationObject>)) {
      if ('x-optional-body' in operation) {
        Object.assign(operation.requestBody as OpenAPIV3.RequestBodyObject, { required: false })
        delete operation['x-optional-body']
      }
      if (operation.requestBody) declareOneMediaType(operation.requestBody as OpenAPIV3.RequestBodyObject)
      for (const parameter of (operation.parameters ?? []) as OpenAPIV3.ParameterObject[])
        describeParameter(parameter, document)
      // `finish` gives each response its content, so only the keys count here.
      for (const status of statusesOfAll) operation.responses[status] = { description: '' }
      for (const [status, response] of Object.entries(operation.responses)) {
        operation.responses[status] =
          Number(status) in problemResponses
            ? { $ref: `#/components/responses/${problemResponses[Number(status) as ProblemStatus].name}` }
            : withHeaders(response as OpenAPIV3.ResponseObject)
      }
    }
  }
  const components = document.components as OpenAPIV3.ComponentsObject
  components.responses = Object.fromEntries(
    Object.values(problemResponses).map((response) => [response.name, toResponse(response)])
  )
  components.headers = Object.fromEntries(
    Object.entries(responseHeaders).map(([name, { description, examples, ...schema }]) => [
      name,
      { description: String(description), schema: schema as OpenAPIV3.SchemaObject, example: examples?.[0] }
    ])
  )
  const { openapi, info, servers, tags, security, paths } = document
  // A plain copy: objects that are shared would become anchors in YAML.
  return JSON.parse(JSON.stringify({ openapi, info, servers, tags, security, paths, components })) as OpenAPIV3.Document
}

/**
 * Declares the first media type of a body, and lists the others as `x-also-accepts`. If a body has several, client generators
 * disagree on which one a client sends, and openapi-python-client 0.29 generates code that does not run.
 */
function declareOneMediaType(body: OpenAPIV3.RequestBodyObject & { 'x-also-accepts'?: string[] }): void {
  const [declared = '', ...others] = Object.keys(body.content)
  body.content = { [declared]: body.content[declared] as OpenAPIV3.MediaTypeObject }
  if (others.length > 0) body['x-also-accepts'] = others
}

/** A parameter whose values are a component says of itself what that says: a reference has no room for words beside it. */
function describeParameter(parameter: OpenAPIV3.ParameterObject, { components }: OpenAPIV3.Document): void {
  if (!parameter.schema || !('$ref' in parameter.schema)) return
  const name = parameter.schema.$ref.split('/').at(-1) as string
  const schemas = components?.schemas as Record<string, OpenAPIV3.SchemaObject>
  const { description, example } = schemas[name] as OpenAPIV3.SchemaObject
  Object.assign(parameter, { description, example })
}

function withHeaders({ headers = {}, ...response }: OpenAPIV3.ResponseObject): OpenAPIV3.ResponseObject {
  return { ...response, headers: references([...(Object.keys(headers) as ResponseHeader[]), ...commonHeaders]) }
}

function toResponse(response: (typeof problemResponses)[ProblemStatus]): OpenAPIV3.ResponseObject {
  return {
    description: response.description,
    headers: references(['Cache-Control', 'Vary', ...response.headers, ...commonHeaders]),
    content: {
      [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' }, example: response.example }
    }
  }
}

const references = (names: readonly ResponseHeader[]): Record<string, OpenAPIV3.ReferenceObject> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
