import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { pathToFileURL } from 'node:url'
import type { Test } from 'tap'

/** Root of the project, the working directory of all tests. */
const root = process.cwd()

/** Returns the command that runs a compiled file. */
export const command = (file: string, ...args: string[]): string[] => [
  process.execPath,
  '--enable-source-maps',
  `${root}/dist/${file}`,
  ...args
]

/**
 * Whether tap collects coverage. In child processes, Node.js collects it itself: the loader of tap would triple their startup
 * time.
 */
const isCovered = process.env._TAPJS_PROCESSINFO_COVERAGE_ === '1'
const COVERAGE = `${root}/.tap/coverage`
const built = [`${root}/dist/src/`, `${root}/dist/schemas/`].map((folder) => pathToFileURL(folder).href)

/** Adds the coverage of a process to the coverage that tap reports. */
function keepCoverage(folder: string): void {
  mkdirSync(COVERAGE, { recursive: true })
  for (const file of readdirSync(folder)) {
    const coverage = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))
    const isOfService = (url: string) => built.some((start) => url.startsWith(start))
    coverage.result = coverage.result.filter(({ url }: { url: string }) => isOfService(url))
    coverage['source-map-cache'] = Object.fromEntries(
      Object.entries(coverage['source-map-cache'] ?? {}).filter(([url]) => isOfService(url))
    )
    if (coverage.result.length > 0) writeFileSync(`${COVERAGE}/${file}`, JSON.stringify(coverage))
  }
  rmSync(folder, { recursive: true })
}

export interface Finished {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface ProcessOptions {
  /** Standard input of the process. */
  input?: string | Buffer
  /** Whether standard input stays open, for a test that types input. */
  terminal?: boolean
  cwd?: string
}

/** A child process. Killed at the end of the test if it still runs. */
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
    const { PATH, HOME } = process.env
    const coverage = isCovered ? mkdtempSync(`${tmpdir()}/coverage-`) : undefined
    const variables = { PATH, HOME, ...(coverage !== undefined && { NODE_V8_COVERAGE: coverage }), ...env }
    const assignments = Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : `${name}=${value}`
    )
    // tap adds its loader to the environment of child processes. `env -i` removes it.
    this.child = spawn('env', ['-i', ...assignments, program as string, ...args], { cwd, stdio: 'pipe' })
    if (!terminal) this.child.stdin?.end(input)
    this.child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      this.stdout += chunk
    })
    this.child.stderr?.setEncoding('utf8').on('data', (chunk) => {
      this.stderr += chunk
    })
    this.finished = new Promise((resolve) =>
      this.child.on('close', (code, signal) => {
        if (coverage !== undefined) keepCoverage(coverage)
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr })
      })
    )
    t.teardown(async () => {
      this.child.kill('SIGKILL')
      await this.finished
    })
  }

  /** Waits until the output matches, and returns the match. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout + this.stderr)
      if (match) return match
      if (this.child.exitCode !== null)
        throw new Error(`the process exited before its output matched: ${this.stdout}${this.stderr}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}
