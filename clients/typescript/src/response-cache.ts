/** A response that later requests can revalidate. */
export interface CachedResponse {
  readonly etag: string
  readonly json: string
}

/** A cache of responses by URL. When it is full, it evicts the least recently used responses. */
export class ResponseCache {
  readonly #maxSize: number
  readonly #responses = new Map<string, CachedResponse>()
  #size = 0

  /** @param maxSize Maximum number of characters of all URLs and responses. */
  constructor(maxSize: number) {
    this.#maxSize = maxSize
  }

  get(url: string): CachedResponse | undefined {
    const response = this.#responses.get(url)
    // A map keeps insertion order, so inserting the response again makes it the most recently used.
    if (response && this.#responses.delete(url)) this.#responses.set(url, response)
    return response
  }

  set(url: string, response: CachedResponse): void {
    this.#delete(url)
    if (sizeOf(url, response) > this.#maxSize) return
    this.#responses.set(url, response)
    this.#size += sizeOf(url, response)
    for (const oldest of this.#responses.keys()) {
      if (this.#size <= this.#maxSize) break
      this.#delete(oldest)
    }
  }

  #delete(url: string): void {
    const response = this.#responses.get(url)
    if (!response) return
    this.#responses.delete(url)
    this.#size -= sizeOf(url, response)
  }
}

const sizeOf = (url: string, { etag, json }: CachedResponse) => url.length + etag.length + json.length
