/** Characters of a full bar. */
const WIDTH = 30
/** Milliseconds from one picture to the next. */
const INTERVAL = 100

/** Shows on a terminal how far something is; elsewhere nothing at all. */
export class Progress {
  readonly #out: NodeJS.WriteStream
  #shownAt = 0

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
  }

  /** @param total 0 where it is not known. */
  show(label: string, done: number, total: number): void {
    const time = performance.now()
    if (!this.#out.isTTY || (time - this.#shownAt < INTERVAL && done < total)) return
    this.#shownAt = time
    this.#out.write(`\r${toLine(label, done, total)}\u001b[K`)
  }

  /** Leaves the line as it is, and goes on to the next. */
  end(): void {
    if (this.#out.isTTY && this.#shownAt > 0) this.#out.write('\n')
  }
}

function toLine(label: string, done: number, total: number): string {
  const figure = done.toLocaleString('en')
  if (total === 0) return `${label} ${figure}`
  const part = Math.min(1, done / total)
  const filled = Math.round(part * WIDTH)
  const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
  return `${label} ${bar} ${Math.floor(part * 100)} %, ${figure} of ${total.toLocaleString('en')}`
}
