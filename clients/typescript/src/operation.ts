/** Describes the request of an operation. */
export interface Operation {
  readonly method: string
  readonly path: string
  /** Header names of the parameters that are sent as headers. */
  readonly headers?: Readonly<Record<string, string>>
  /** Media type of the request body. Undefined if the operation has none. */
  readonly contentType?: string
  /** Default media type of the response. Undefined if the response has no body. */
  readonly accept?: string
  readonly needsToken: boolean
  /** Whether the service supports conditional requests (`If-None-Match`) for it. */
  readonly isConditional: boolean
}

export interface RequestOptions {
  /** Aborts the call, including its retries. */
  signal?: AbortSignal | undefined
}

/** The entity tag of a response. */
export interface Tag {
  /**
   * The `ETag` of the response. If you pass it as `ifMatch`, the service rejects the write if the product has changed since.
   * The property is not enumerable, so JSON and copies of the object do not contain it.
   */
  readonly etag: string
}

/** A file to send. The client does not retry requests with a stream, which it can read only once. */
export type Upload = string | Blob | Uint8Array | ReadableStream<Uint8Array>

/** Base class of the generated methods. */
export abstract class OperationSender {
  /** Sends the request of an operation, and returns its result. */
  protected abstract send<T>(operation: Operation, parameters: object, options?: RequestOptions): Promise<T>
}
