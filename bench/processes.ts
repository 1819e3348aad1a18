import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const manifest = createRequire(import.meta.url)('#package.json') as { scripts: { start: string } }
const PASSWORD = 'a password for benchmarks'

/** A server that runs in its own process. */
export interface Server {
  url: string
  child: ChildProcess
  startupMs: number
  /** Returns its standard output so far. */
  output(): string
}

const running = new Set<ChildProcess>()

/** Starts a file of the benchmark as a server, and waits until it prints its address. */
export async function startServer(file: string, ...args: string[]): Promise<Server> {
  return await start([fileURLToPath(new URL(file, import.meta.url)), ...args])
}

/** Starts Node with report-cpu-usage.js, and waits until the program prints its address. */
async function start(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Server> {
  const before = performance.now()
  const child = spawn(process.execPath, ['--import', new URL('report-cpu-usage.js', import.meta.url).href, ...args], {
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
      if (url) resolve({ url, child, startupMs: performance.now() - before, output: () => printed })
    })
    child.on('exit', (code) => reject(new Error(`${args.join(' ')} exited with code ${code} and printed: ${printed}`)))
  })
}

// The arguments that `npm start` passes to `node`.
const [, ...startArguments] = manifest.scripts.start.split(' ')

/**
 * Starts the service.
 * @param database Path of the database file.
 * @param source URL of the source.
 */
export async function startService(database: string, source: string, env: NodeJS.ProcessEnv = {}): Promise<Server> {
  return await start(startArguments, {
    PORT: '0',
    DATABASE_URL: `file:${database}`,
    SOURCE_URL: source,
    ADMIN_PASSWORD: PASSWORD,
    RATE_LIMIT: '2000000000',
    SAMPLE_CATALOG: 'false',
    ...env
  })
}

/** Stops a server, and waits until its process has exited. */
export async function stop({ child }: Server): Promise<void> {
  running.delete(child)
  child.removeAllListeners('exit')
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await exited
}

/** Kills all servers that still run. */
export function stopAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** Signs in, and returns the header that authenticates further requests. */
export async function signIn({ url }: Server): Promise<{ authorization: string }> {
  const response = await fetch(`${url}/auth`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: PASSWORD })
  })
  const { token } = (await response.json()) as { token: string }
  return { authorization: `Bearer ${token}` }
}

/** Waits until the catalog of a service is fresh. */
export async function waitUntilFresh({ url }: Server): Promise<void> {
  for (;;) {
    const { catalog } = (await (await fetch(url)).json()) as { catalog: { state: string } }
    if (catalog.state === 'fresh') return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Returns the processor time of a server since its start: user and system, all threads, in microseconds. */
export async function processorTime({ child }: Server): Promise<number> {
  const report = once(child, 'message') as Promise<[NodeJS.CpuUsage]>
  child.send('report')
  const [{ user, system }] = await report
  return user + system
}

/** Returns the resident memory of a server in megabytes. Linux only. */
export const memory = (server: Server): number => readKilobytes(server, 'VmRSS') / 1000

/** Returns the peak resident memory of a server in megabytes. Linux only. */
export const peakMemory = (server: Server): number => readKilobytes(server, 'VmHWM') / 1000

function readKilobytes({ child }: Server, name: string): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1])
}
