import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const manifest = createRequire(import.meta.url)('#package.json') as { scripts: { start: string } }
const PASSWORD = 'a password for benchmarks'

/** A server in a process of its own. */
export interface Server {
  url: string
  child: ChildProcess
  /** Milliseconds from its start until it listened. */
  startup: number
  /** Returns what it has printed so far. */
  output(): string
}

const running = new Set<ChildProcess>()

/** Starts a file of the benchmark as a server, and waits until it prints its address. */
export async function startServer(file: string, ...args: string[]): Promise<Server> {
  return await start([fileURLToPath(new URL(file, import.meta.url)), ...args])
}

/** Starts Node with these arguments and the meter, and waits until it prints an address. */
async function start(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Server> {
  const before = performance.now()
  const child = spawn(process.execPath, ['--import', new URL('meter.js', import.meta.url).href, ...args], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc']
  })
  running.add(child)
  return await new Promise((resolve, reject) => {
    let printed = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      printed += chunk
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0]
      if (url) resolve({ url, child, startup: performance.now() - before, output: () => printed })
    })
    child.on('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}: ${printed}`)))
  })
}

/** The arguments that `npm start` gives to `node`. */
const [, ...command] = manifest.scripts.start.split(' ')

/** Starts the service on a database file, with a source behind it. */
export async function startService(database: string, source: string, env: NodeJS.ProcessEnv = {}): Promise<Server> {
  return await start(command, {
    PORT: '0',
    DATABASE_URL: `file:${database}`,
    SOURCE_URL: source,
    ADMIN_PASSWORD: PASSWORD,
    RATE_LIMIT: '2000000000',
    SAMPLE_CATALOG: 'false',
    ...env
  })
}

/** Stops a server, and waits until it has ended. */
export async function stop({ child }: Server): Promise<void> {
  running.delete(child)
  child.removeAllListeners('exit')
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

/** Kills the servers that a failed run has left behind. */
export function stopAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** Signs in, and returns the header that authenticates further requests. */
export async function signIn({ url }: Server): Promise<{ authorization: string }> {
  const answer = await fetch(`${url}/auth`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: PASSWORD })
  })
  const { token } = (await answer.json()) as { token: string }
  return { authorization: `Bearer ${token}` }
}

/** Waits until the catalog has been read from the source. */
export async function synced({ url }: Server): Promise<void> {
  for (;;) {
    const { catalog } = (await (await fetch(url)).json()) as { catalog: { state: string } }
    if (catalog.state === 'fresh') return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Processor time of a server since its start, user and system, of all its threads, in microseconds. */
export async function processorTime({ child }: Server): Promise<number> {
  const report = once(child, 'message') as Promise<[NodeJS.CpuUsage]>
  child.send('report')
  const [{ user, system }] = await report
  return user + system
}

/** Resident memory of a server, in megabytes. Linux only. */
export const memory = (server: Server): number => kilobytes(server, 'VmRSS') / 1000

/** Peak resident memory of a server since its start, in megabytes. Linux only. */
export const peakMemory = (server: Server): number => kilobytes(server, 'VmHWM') / 1000

function kilobytes({ child }: Server, name: string): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1])
}
