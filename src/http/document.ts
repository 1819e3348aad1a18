import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { OpenAPIV3 } from 'openapi-types'
import { PROBLEM_MEDIA_TYPE, problemType } from '../../schemas/problem.js'
import { type ProblemStatus, problemResponses, statusesOfAll } from '../../schemas/problem-responses.js'
import { commonHeaders, type ResponseHeader, responseHeaders } from '../../schemas/responses.js'
import { version } from '../version.js'

const description = [
  'A product catalog for shop front ends and other services. The service keeps a copy of a product source up to date. Editors change ' +
    'and add products in this copy.',

  '**First steps**\n\n' +
    '1. Sign in: run `POST /auth` with your username and password. On its first start, the service creates an account, by default `admin`. ' +
    'Unless `ADMIN_PASSWORD` is set, the service generates a password for this account and shows it in the terminal or writes it to a file that the log names.\n' +
    '2. Run `GET /products`. Your browser sends the cookie from step 1.\n' +
    '3. In programs, send the `token` from step 1 as `Authorization: Bearer <token>`.',

  `**Errors** have the media type \`${PROBLEM_MEDIA_TYPE}\` (RFC 9457). Their \`type\` is \`${problemType('NAME')}\`. ` +
    'If an error response below has several types, its description lists their names. Otherwise, its example shows the type. ' +
    'A request gets 404 (`not-found`) if the path does not exist, and 405 (`method-not-allowed`) if the path does not support the method.',

  '**Rate limits** apply per client address and per account. After 429 or 503, wait for `Retry-After` seconds.',

  '**Changes**: `GET /changes` returns the changes to the catalog in order, as pages or as a stream.'
].join('\n\n')

/** Options that turn the routes into the OpenAPI document. It uses the subset of OpenAPI 3.0 that is also valid in 3.1. */
export const documentOptions: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.0.3',
    info: {
      title: 'Product Catalog',
      version,
      description,
      // Placeholder on a reserved domain (RFC 2606). Replace it to publish the service.
      contact: {
        name: 'Product Catalog maintainers',
        url: 'https://product-catalog.example',
        email: 'maintainers@product-catalog.example'
      },
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' }
    },
    // An IP address, because linters report `localhost` as a mistake.
    servers: [{ url: 'http://127.0.0.1:5000', description: 'Local service.' }],
    tags: [
      {
        name: 'auth',
        description:
          'Sign-in and sign-out. `POST /auth` returns a token and sets it as an HttpOnly cookie. Programs send the token as ' +
          '`Authorization: Bearer <token>`. If a request has both, the header takes precedence. The service accepts writes with the cookie only ' +
          'from pages of its own origin or of an origin in `CORS_ORIGINS`. Browsers do not send the cookie from pages on other sites ' +
          '(`SameSite=Strict`), so these pages must send the header.'
      },
      {
        name: 'catalog',
        description:
          'Read access to products, categories and changes. These operations require the scope `catalog:read`, which every account has. ' +
          'To keep a copy of the catalog, follow `GET /changes`.'
      },
      {
        name: 'managing',
        description:
          'Write access, and the history of products. These operations require the scope `catalog:write`, which editors and admins have. ' +
          '`GET /sync` and `POST /sync` require `catalog:sync` instead, which only admins have. The service stores edits of source products and categories per field, ' +
          'and syncs do not overwrite them; `edited` lists the fields. Updates, removals and reverts of a product require its `ETag` as ' +
          '`If-Match`, so that editors do not overwrite the changes of others.'
      },
      { name: 'service', description: 'Information about the service, and health checks.' }
    ],
    security: [{ bearerAuth: [] }, { cookieAuth: [] }],
    components: {
      securitySchemes: {
        bearerAuth: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'The `token` that `POST /auth` returns: a JWT signed with ES256 (RFC 9068). The service issues and verifies tokens as RFC8725 recommends.'
        },
        cookieAuth: {
          type: 'apiKey',
          in: 'cookie',
          name: 'token',
          description:
            'The same token as a cookie, set by `POST /auth`. Over HTTPS, its name is `__Host-token`. The cookie is HttpOnly: browsers send it ' +
            'automatically and pages cannot set it, so a value that you enter in Swagger UI has no effect. The service accepts writes with the cookie only from ' +
            'pages of its own origin or of an origin in `CORS_ORIGINS`, as `Sec-Fetch-Site` or `Origin` states. Other writes get 403.'
        }
      }
    }
  },
  refResolver: { buildLocalReference: (json) => String(json.$id) },
  transformObject: (document) => finishDocument((document as { openapiObject: OpenAPIV3.Document }).openapiObject)
}

/** Completes the document: error responses become references, and each response declares the common headers. */
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
      // Placeholders. The loop below replaces each with a reference.
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
  // A plain copy, because shared objects would become anchors in YAML.
  return JSON.parse(JSON.stringify({ openapi, info, servers, tags, security, paths, components })) as OpenAPIV3.Document
}

/**
 * Declares the first media type of a body and lists the others as `x-also-accepts`. With several, client generators disagree on
 * which one to send, and openapi-python-client 0.29 generates code that does not run.
 */
function declareOneMediaType(body: OpenAPIV3.RequestBodyObject & { 'x-also-accepts'?: string[] }): void {
  const [declared = '', ...others] = Object.keys(body.content)
  body.content = { [declared]: body.content[declared] as OpenAPIV3.MediaTypeObject }
  if (others.length > 0) body['x-also-accepts'] = others
}

/** Copies the description and the example of a referenced schema to its parameter. A `$ref` allows no siblings in OpenAPI 3.0. */
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
