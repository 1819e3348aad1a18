import { BODY_MAX, problemType } from './problem.js'

/**
 * The error responses of the document, by status. Operations share them, so each description is true of all operations. `headers` names
 * entries of `responseHeaders`. `example` is a problem that the service really sends with this status.
 */
export const problemResponses = {
  400: {
    name: 'BadRequest',
    description:
      '`invalid-request`: some values are invalid, and `errors` lists them. `malformed-request`: the service cannot parse the request, ' +
      'for example because of malformed JSON; `detail` says why. Correct the request before you send it again.',
    headers: [],
    example: {
      type: problemType('invalid-request'),
      title: 'Invalid request',
      status: 400,
      detail: '`limit` must be at most 100 (got 500).',
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e10',
      errors: [{ in: 'query', pointer: '/limit', detail: 'must be at most 100 (got 500)' }]
    }
  },
  401: {
    name: 'Unauthorized',
    description:
      '`not-signed-in`: the request has no token. `invalid-token`: the token has expired, was revoked, or was not issued by this service. ' +
      'Sign in with `POST /auth`. `wrong-credentials`: the username or the password is wrong.',
    headers: ['WWW-Authenticate'],
    example: {
      type: problemType('invalid-token'),
      title: 'Invalid token',
      status: 401,
      detail: 'The token has expired. Sign in again with POST /auth.',
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e11'
    }
  },
  403: {
    name: 'Forbidden',
    description:
      '`insufficient-scope`: the token lacks the scope that `detail` names, or the role of its account no longer allows this scope. If the account ' +
      'got a higher role after the sign-in, sign in again. `cross-site-request`: a write with the cookie did not come from a page of the ' +
      "service's own origin or of an origin in `CORS_ORIGINS`. Send the token in the `Authorization` header instead.",
    headers: ['WWW-Authenticate'],
    example: {
      type: problemType('insufficient-scope'),
      title: 'Insufficient scope',
      status: 403,
      detail: 'This operation requires the scope catalog:read.',
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e12'
    }
  },
  404: {
    name: 'NotFound',
    description:
      '`product-not-found`: the product does not exist or is hidden, or it is a draft or archived and the token is not that of an editor. `GET /products` lists the products that exist. `category-not-found`: ' +
      'the category does not exist. `not-found`: the service has no such path.',
    headers: [],
    example: {
      type: problemType('product-not-found'),
      title: 'Product not found',
      status: 404,
      detail: 'There is no product 4711.',
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e13'
    }
  },
  406: {
    name: 'NotAcceptable',
    description:
      '`Accept-Encoding` excludes every content coding of the service: `br`, `gzip` and `identity`. Accept one of them.',
    headers: [],
    example: {
      type: problemType('not-acceptable'),
      title: 'No acceptable content coding',
      status: 406,
      detail: 'Accept-Encoding must accept br, gzip or identity.',
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e24'
    }
  },
  408: {
    name: 'RequestTimeout',
    description:
      'The headers or the body took longer than 30 seconds to arrive, or an imported file took longer than ten minutes. The service closes the ' +
      'connection. Send the request again.',
    headers: [],
    example: {
      type: problemType('request-timeout'),
      title: 'Request timeout',
      status: 408,
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e25'
    }
  },
  409: {
    name: 'Conflict',
    description:
      '`duplicate-sku`: another product has the SKU of the request or, when you revert edits, the SKU from the source. `detail` names that ' +
      'product; change one of the two SKUs. `no-source`: the product is local, so it has no source to revert to, or the service has no ' +
      'source to sync with. `invalid-parent`: the parent of a category does not exist, or is the category itself or one of its descendants; ' +
      '`detail` names the missing parent or the cycle.',
    headers: [],
    example: {
      type: problemType('duplicate-sku'),
      title: 'SKU already in use',
      status: 409,
      detail: '`sku` is already the SKU of product 1.',
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e19',
      errors: [{ in: 'body', pointer: '/sku', detail: 'is already the SKU of product 1' }]
    }
  },
  410: {
    name: 'Gone',
    description:
      'The service no longer keeps the changes after the requested revision, or the catalog has no such revision, for example because ' +
      'the database was restored from a backup. Start over: note the `revision` and `epoch` that `GET /` returns, read all products, and request the changes after that revision.',
    headers: [],
    example: {
      type: problemType('revision-gone'),
      title: 'Revision no longer available',
      status: 410,
      detail:
        'The service no longer keeps the changes after this revision, or the revision is not one of this catalog. Start over: note the ' +
        'revision and epoch of GET /, read all products, and request the changes after that revision.',
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e20'
    }
  },
  412: {
    name: 'PreconditionFailed',
    description:
      'The product or list has changed and no longer matches `If-Match`, or the current version matches the `If-None-Match` of a write. ' +
      '`ETag` is the current version. Read the product or list again before you retry.',
    headers: ['ETag'],
    example: {
      type: problemType('precondition-failed'),
      title: 'Precondition failed',
      status: 412,
      detail: 'Read the product again and check whether your change still applies.',
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e21'
    }
  },
  413: {
    name: 'ContentTooLarge',
    description: 'The body is larger than the operation allows. `detail` contains the limit.',
    headers: [],
    example: {
      type: problemType('content-too-large'),
      title: 'Content too large',
      status: 413,
      detail: `The body can have at most ${BODY_MAX} bytes.`,
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e14'
    }
  },
  415: {
    name: 'UnsupportedMediaType',
    description:
      'The operation does not accept the media type or charset of the body, or the body is compressed. `detail` says what it accepts.',
    headers: ['Accept-Encoding'],
    example: {
      type: problemType('unsupported-media-type'),
      title: 'Unsupported media type',
      status: 415,
      detail: 'Content-Type must be application/json (got "text/plain").',
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e15'
    }
  },
  417: {
    name: 'ExpectationFailed',
    description: '`Expect` has a value other than `100-continue`. Remove the header.',
    headers: [],
    example: {
      type: problemType('expectation-failed'),
      title: 'Expectation failed',
      status: 417,
      detail: 'Expect must be 100-continue.',
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e26'
    }
  },
  422: {
    name: 'UnprocessableContent',
    description:
      '`idempotency-key-reused`: an earlier request with another body had this key; use a new key. `inconsistent-product`: fields of the product ' +
      'contradict each other, such as a price that is not the lowest price of the variants; `errors` says which. `import-refused`: some rows are invalid, ' +
      'and nothing was written. `report` lists them; correct them, or send the file with `mode=each`.',
    headers: [],
    example: {
      type: problemType('idempotency-key-reused'),
      title: 'Idempotency key already used',
      status: 422,
      detail: 'An earlier request with another product had this Idempotency-Key. Use a new key for each product.',
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e22'
    }
  },
  428: {
    name: 'PreconditionRequired',
    description:
      'The request has no `If-Match`. Send the `ETag` of the product, so that you do not overwrite the changes of others.',
    headers: [],
    example: {
      type: problemType('precondition-required'),
      title: 'Precondition required',
      status: 428,
      detail: 'Send the ETag of the product as If-Match.',
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e23'
    }
  },
  429: {
    name: 'TooManyRequests',
    description:
      '`too-many-requests`: this address or account sends too many requests, or the account has too many open streams. `too-many-attempts`: after ' +
      'failed sign-ins, the service has locked the username for this client or for all unknown clients (see `POST /auth`). Sign-ins then fail even ' +
      'with the right password. Wait for `Retry-After` seconds.',
    headers: ['Retry-After'],
    example: {
      type: problemType('too-many-requests'),
      title: 'Too many requests',
      status: 429,
      detail: 'Try again in 42 seconds.',
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e16'
    }
  },
  431: {
    name: 'RequestHeaderFieldsTooLarge',
    description:
      'The request line and the headers are larger than 16 kB together. The service closes the connection. Send fewer or shorter headers.',
    headers: [],
    example: {
      type: problemType('headers-too-large'),
      title: 'Request headers too large',
      status: 431,
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e27'
    }
  },
  500: {
    name: 'InternalServerError',
    description: 'The service failed. The log entry with this `requestId` contains the cause.',
    headers: [],
    example: {
      type: problemType('internal-error'),
      title: 'Internal server error',
      status: 500,
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e17'
    }
  },
  503: {
    name: 'ServiceUnavailable',
    description:
      'Wait for `Retry-After` seconds and try again. `catalog-unavailable`: the service has no catalog yet. `overloaded`, `too-many-sign-ins`, ' +
      '`too-many-transfers`: the service is too busy. `database-busy`: the database does not respond, or other writes keep it busy. ' +
      '`database-full`, `database-read-only`: writes, sign-ins and sign-outs fail until the operator fixes the database, but reads work. ' +
      '`not-ready`: `checks` names the checks that failed.',
    headers: ['Retry-After'],
    example: {
      type: problemType('catalog-unavailable'),
      title: 'Catalog not available yet',
      status: 503,
      detail: 'The source has not responded yet. Try again later.',
      requestId: '0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e18'
    }
  }
} as const satisfies Record<number, ProblemResponse>

interface ProblemResponse {
  name: string
  description: string
  headers: readonly string[]
  example: { type: string; status: number; [member: string]: unknown }
}

export type ProblemStatus = keyof typeof problemResponses

/** Statuses of every operation: the service refuses such requests before it determines their operation. */
export const statusesOfAll = [408, 417, 431] as const satisfies ProblemStatus[]
