import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'

/** Milliseconds that a command which runs until it is stopped gets. */
const STOPPED_AFTER = 2000
/** Milliseconds that a block may take, such as the build of the service. */
const PATIENCE = 240_000

/** Someone who follows a page: one shell, into which the blocks are typed in their order, and a second one for the service. */
export class Reader {
  readonly #folder: string
  readonly #shell: ChildProcess
  readonly #ended: Promise<void>
  #hasEnded = false
  #blocks = 0
  #output = ''
  #service: number | undefined

  /** @param folder Empty; the shell starts in its folder `work`. @param input What is typed when a command asks for it. */
  constructor(t: Test, folder: string, env: NodeJS.ProcessEnv, input: string) {
    this.#folder = folder
    mkdirSync(`${folder}/work`, { recursive: true })
    writeFileSync(`${folder}/input`, input)
    // tap adds its loader to the environment of whatever a test spawns. `env -i` takes it away again.
    const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    const shell = ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail']
    this.#shell = spawn('env', ['-i', ...assignments, ...shell], { cwd: `${folder}/work`, stdio: 'pipe' })
    this.#shell.stdout?.setEncoding('utf8').on('data', (text) => {
      this.#output += text
    })
    this.#shell.stdin?.on('error', () => {})
    this.#ended = new Promise((resolve) =>
      this.#shell.on('close', () => {
        this.#hasEnded = true
        resolve()
      })
    )
    t.teardown(async () => {
      this.#killService()
      this.#shell.stdin?.end('exit 0\n')
      await this.#ended
    })
  }

  /** Runs a block to its end. @returns What it printed. @throws {Error} with the same if a command fails. */
  async run(code: string): Promise<string> {
    const { script, output } = this.#write(code)
    await this.#type(`source ${script} < ${this.#folder}/input > ${output} 2>&1`, output)
    return readFileSync(output, 'utf8')
  }

  /** Runs a block for two seconds. @returns What it printed. */
  async runUntilStopped(code: string): Promise<string> {
    const { script, output } = this.#write(code)
    await this.#type(this.#inBackground(script, output), output)
    await sleep(STOPPED_AFTER)
    await this.#type('kill -- -$job; wait $job || true', output)
    return readFileSync(output, 'utf8')
  }

  /** Runs a block that starts the service, in place of the one that runs. @returns The output up to the line that it listens. */
  async startService(code: string): Promise<string> {
    const { script, output } = this.#write(code)
    await this.stopService()
    await this.#type(`${this.#inBackground(script, output)}; service=$job; echo "service $service"`, output)
    this.#service = Number(/.*service (\d+)/s.exec(this.#output)?.[1])
    await this.#until(() => /Server listening/.test(readFileSync(output, 'utf8')), output)
    return readFileSync(output, 'utf8')
  }

  /** Stops the service, as Ctrl-C does. */
  async stopService(): Promise<void> {
    if (this.#service === undefined) return
    const { output } = this.#write('')
    await this.#type('kill -INT -- -$service; wait $service || true', output)
    this.#service = undefined
  }

  /** Saves a file in the folder of the shell. */
  async save(name: string, text: string): Promise<void> {
    const { script, output } = this.#write(text)
    await this.#type(`cp ${script} ${name}`, output)
  }

  #write(code: string): { script: string; output: string } {
    const script = `${this.#folder}/block-${++this.#blocks}.sh`
    writeFileSync(script, code)
    writeFileSync(`${script}.out`, '')
    return { script, output: `${script}.out` }
  }

  /** A process group of its own, so that `kill` reaches all that it has started. */
  #inBackground(script: string, output: string): string {
    return `set -m; ( source ${script} ) < /dev/null > ${output} 2>&1 & job=$!; set +m`
  }

  async #type(line: string, output: string): Promise<void> {
    const end = `end-${this.#blocks}-${Math.random()}`
    this.#shell.stdin?.write(`${line}\necho ${end}\n`)
    await this.#until(() => this.#output.includes(end), output)
  }

  async #until(isDone: () => boolean, output: string): Promise<void> {
    const start = performance.now()
    while (!isDone()) {
      if (this.#hasEnded || performance.now() - start > PATIENCE) throw new Error(readFileSync(output, 'utf8'))
      await sleep(10)
    }
  }

  #killService(): void {
    if (this.#service === undefined) return
    try {
      process.kill(-this.#service, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}
