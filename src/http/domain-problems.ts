import type { RequestPart } from '../../schemas/problem.js'
import { SignInLockedError, TooManySignInsError, WrongCredentialsError } from '../auth/errors.js'
import { InvalidCursorError } from '../catalog/errors.js'
import { RevisionGoneError } from '../changes/errors.js'
import {
  CategoryCycleError,
  CategoryNotFoundError,
  DuplicateSkuError,
  IdempotencyKeyReusedError,
  NoSourceError,
  ProductNotFoundError,
  UnknownParentError,
  VersionMismatchError
} from '../editing/errors.js'
import { toEntityTag } from '../products/entity-tags.js'
import { InconsistentProductError } from '../products/errors.js'
import type { DomainError } from '../support/domain-error.js'
import { TooManyTransfersError, UnreadableFileError } from '../transfer/errors.js'
import { CHALLENGE } from './challenge.js'
import { ProblemError, type ProblemName } from './problems.js'

/** Seconds after which another sign-in, export or import may succeed. */
const SIGN_IN_RETRY = 2
const TRANSFER_RETRY = 10

type Mapping = [unknown, (error: DomainError) => ProblemError]

/** Maps each class of domain errors to its problem. A class that is missing here is a fault of the service: its errors get status 500. */
const mappings = new Map<unknown, (error: DomainError) => ProblemError>([
  map(
    WrongCredentialsError,
    () => new ProblemError('wrong-credentials', undefined, { headers: { 'www-authenticate': CHALLENGE } })
  ),
  map(SignInLockedError, ({ retryAfterSeconds }) => retryLater('too-many-attempts', retryAfterSeconds)),
  map(TooManySignInsError, () => retryLater('too-many-sign-ins', SIGN_IN_RETRY)),

  map(InvalidCursorError, () =>
    invalidValue('invalid-request', 'query', '/cursor', 'is not the nextCursor of a page of this query')
  ),

  map(
    RevisionGoneError,
    () =>
      new ProblemError(
        'revision-gone',
        'The service no longer keeps the changes after this revision, or the revision is not one of this catalog. Start over: note the ' +
          'revision and epoch of GET /, read all products, and request the changes after that revision.'
      )
  ),

  map(ProductNotFoundError, ({ id, isHidden }) => {
    const hint = isHidden ? ' It is hidden: DELETE /products/{id}/edits shows it again.' : ''
    return new ProblemError('product-not-found', `There is no product ${id}.${hint}`)
  }),
  map(DuplicateSkuError, ({ sku, owner, origin }) =>
    origin === 'source'
      ? new ProblemError(
          'duplicate-sku',
          `The source gives this product the SKU ${sku}, which product ${owner} has now.`
        )
      : invalidValue('duplicate-sku', 'body', '/sku', `is already the SKU of product ${owner}`)
  ),
  map(VersionMismatchError, ({ version, condition }) => {
    const detail =
      condition === 'ifNoneMatch'
        ? 'If-None-Match matches the current version of the product.'
        : 'Read the product again and check whether your change still applies.'
    return new ProblemError('precondition-failed', detail, { headers: { etag: toEntityTag(version) } })
  }),
  map(InconsistentProductError, ({ pointer, reason }) => invalidValue('inconsistent-product', 'body', pointer, reason)),
  map(NoSourceError, ({ message }) => new ProblemError('no-source', message)),
  map(
    IdempotencyKeyReusedError,
    () =>
      new ProblemError(
        'idempotency-key-reused',
        'An earlier request with another product had this Idempotency-Key. Use a new key for each product.'
      )
  ),

  map(CategoryNotFoundError, ({ message }) => new ProblemError('category-not-found', message)),
  map(UnknownParentError, ({ parent }) =>
    invalidValue('invalid-parent', 'body', '/parent', `must be the slug of an existing category (got ${parent})`)
  ),
  map(CategoryCycleError, ({ cycle }) =>
    invalidValue('invalid-parent', 'body', '/parent', `would form a cycle: ${cycle}`)
  ),

  map(TooManyTransfersError, () => retryLater('too-many-transfers', TRANSFER_RETRY)),
  map(UnreadableFileError, ({ line, reason }) => {
    const detail = `Line ${line}: ${reason}`
    return new ProblemError('invalid-request', detail, { errors: [{ in: 'body', pointer: '', detail }] })
  })
])

/** Returns the problem of a domain error; undefined if the error is another one. */
export function toDomainProblem(error: Error): ProblemError | undefined {
  return mappings.get(error.constructor)?.(error)
}

/** Types the entry of a class: its function gets errors of that class. */
function map<E extends DomainError>(
  type: new (...values: never[]) => E,
  toProblem: (error: E) => ProblemError
): Mapping {
  return [type, toProblem as (error: DomainError) => ProblemError]
}

function retryLater(name: ProblemName, seconds: number): ProblemError {
  return new ProblemError(name, `Try again in ${seconds} seconds.`, { headers: { 'retry-after': seconds } })
}

function invalidValue(name: ProblemName, part: RequestPart, pointer: string, detail: string): ProblemError {
  return new ProblemError(name, `\`${pointer.slice(1)}\` ${detail}.`, { errors: [{ in: part, pointer, detail }] })
}
