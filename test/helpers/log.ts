import type { TestApp } from './app.js'

/** A line of the log. */
export type LogLine = { level: number; msg: string; [field: string]: unknown }

/** Numeric log levels. */
export const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 }

/** Collects the log lines of a service from now on, including `debug`. */
export class Log {
  readonly lines: LogLine[] = []
  readonly #waiting = new Set<() => void>()

  constructor({ app }: TestApp) {
    const stream = Object.getOwnPropertySymbols(app.log).find(({ description }) => description === 'pino.stream')
    const write = (line: string) => {
      this.lines.push(JSON.parse(line))
      for (const check of this.#waiting) check()
    }
    Object.assign(app.log, { level: 'debug', [stream as symbol]: { write } })
  }

  /** Waits for a line whose message matches, and returns it. */
  logged(message: RegExp): Promise<LogLine> {
    return new Promise((resolve) => {
      const check = () => {
        const line = this.lines.find(({ msg }) => message.test(msg))
        if (!line) return
        this.#waiting.delete(check)
        resolve(line)
      }
      this.#waiting.add(check)
      check()
    })
  }
}
