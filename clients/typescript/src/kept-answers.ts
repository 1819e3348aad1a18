/** An answer that a later request can be spared. */
export interface KeptAnswer {
  readonly etag: string
  readonly json: string
}

/** The answers that were used last, by their addresses: as many as there is room for. */
export class KeptAnswers {
  readonly #max: number
  readonly #answers = new Map<string, KeptAnswer>()
  #size = 0

  /** @param max Characters, of addresses and answers together. */
  constructor(max: number) {
    this.#max = max
  }

  get(url: string): KeptAnswer | undefined {
    const answer = this.#answers.get(url)
    // The order of a map is that in which its keys came: the last one is the last to go.
    if (answer && this.#answers.delete(url)) this.#answers.set(url, answer)
    return answer
  }

  set(url: string, answer: KeptAnswer): void {
    this.#delete(url)
    if (sizeOf(url, answer) > this.#max) return
    this.#answers.set(url, answer)
    this.#size += sizeOf(url, answer)
    for (const oldest of this.#answers.keys()) {
      if (this.#size <= this.#max) break
      this.#delete(oldest)
    }
  }

  #delete(url: string): void {
    const answer = this.#answers.get(url)
    if (!answer) return
    this.#answers.delete(url)
    this.#size -= sizeOf(url, answer)
  }
}

const sizeOf = (url: string, { etag, json }: KeptAnswer) => url.length + etag.length + json.length
