/** How one operation of the service is sent. */
export interface Operation {
  readonly method: string
  readonly path: string
  /** The parameters that are sent as headers, and the names of those. */
  readonly headers?: Readonly<Record<string, string>>
  /** Media type of the body, where callers do not say another one. None: it has no body. */
  readonly contentType?: string
  /** Media type of the answer, where callers do not ask for another one. None: it has no body. */
  readonly accept?: string
  readonly needsToken: boolean
  /** Whether it can be asked for on the condition that it has changed. */
  readonly isConditional: boolean
}

export interface RequestOptions {
  /** Ends the call, its waits included. */
  signal?: AbortSignal | undefined
}

/** What an answer is named by. */
export interface Tag {
  /**
   * The `ETag` of the answer: send it as `ifMatch`, so that a write is refused if somebody has changed the product since.
   * It is not enumerable, so neither JSON nor a copy of the object has it.
   */
  readonly etag: string
}

/** A file to send. A stream can be sent once, so no request with one is ever repeated. */
export type Upload = string | Blob | Uint8Array | ReadableStream<Uint8Array>

/** What the methods of all operations rest on. */
export abstract class OperationSender {
  /** Sends an operation, and answers with what it is answered. */
  protected abstract send<T>(operation: Operation, parameters: object, options?: RequestOptions): Promise<T>
}
