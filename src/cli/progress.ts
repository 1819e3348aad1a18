/** Width of the bar, in characters. */
const WIDTH = 30
/** Minimum number of milliseconds between two updates. */
const UPDATE_INTERVAL = 100

/** A progress bar on a terminal. If the output is not a terminal, it shows nothing. */
export class Progress {
  readonly #out: NodeJS.WriteStream
  #shownAt = 0

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
  }

  /** @param total 0 if the total is unknown. */
  show(label: string, done: number, total: number): void {
    const time = performance.now()
    if (!this.#out.isTTY || (time - this.#shownAt < UPDATE_INTERVAL && done < total)) return
    this.#shownAt = time
    this.#out.write(`\r${toLine(label, done, total)}\u001b[K`)
  }

  /** Ends the line of the bar. */
  end(): void {
    if (this.#out.isTTY && this.#shownAt > 0) this.#out.write('\n')
  }
}

function toLine(label: string, done: number, total: number): string {
  const count = done.toLocaleString('en')
  if (total === 0) return `${label} ${count}`
  const share = Math.min(1, done / total)
  const filled = Math.round(share * WIDTH)
  const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
  return `${label} ${bar} ${Math.floor(share * 100)} %, ${count} of ${total.toLocaleString('en')}`
}
