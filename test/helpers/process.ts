import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The command that runs a file of the build: `npm test` builds first, as a start from the sources takes five times as long. */
export const command = (file: string, ...args: string[]): string[] => [
  process.execPath,
  '--enable-source-maps',
  `${root}dist/${file}`,
  ...args
]

export interface Finished {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface ProcessOptions {
  /** What it reads from standard input. */
  input?: string
  /** Whether standard input stays open, for answers to be typed. */
  terminal?: boolean
  cwd?: string
}

/** A process of its own. It is ended with the test, if it has not ended by then. */
export class TestProcess {
  stdout = ''
  stderr = ''
  readonly child: ChildProcess
  readonly finished: Promise<Finished>

  constructor(
    t: Test,
    [program, ...args]: string[],
    env: NodeJS.ProcessEnv,
    { input = '', terminal = false, cwd = root }: ProcessOptions = {}
  ) {
    const { PATH, HOME, NODE_V8_COVERAGE, NODE_OPTIONS } = process.env
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(_?TAP|TS_NODE)/.test(name)))
    this.child = spawn(program as string, args, {
      cwd,
      env: { PATH, HOME, NODE_V8_COVERAGE, NODE_OPTIONS, ...own, ...env },
      stdio: 'pipe'
    })
    if (!terminal) this.child.stdin?.end(input)
    this.child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      this.stdout += chunk
    })
    this.child.stderr?.setEncoding('utf8').on('data', (chunk) => {
      this.stderr += chunk
    })
    this.finished = new Promise((resolve) =>
      this.child.on('close', (code, signal) => resolve({ code, signal, stdout: this.stdout, stderr: this.stderr }))
    )
    t.teardown(async () => {
      this.child.kill('SIGKILL')
      await this.finished
    })
  }

  /** Waits until the output matches, and answers with the match. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout + this.stderr)
      if (match) return match
      if (this.child.exitCode !== null) throw new Error(`it ended first, with: ${this.stdout}${this.stderr}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}
