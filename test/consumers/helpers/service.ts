import type { Test } from 'tap'
import { createFolder } from '../../helpers/folder.js'
import { command, TestProcess } from '../../helpers/process.js'

/** Account of all consumers. */
export const USERNAME = 'admin'
export const PASSWORD = 'a password for consumers'

export interface Address {
  /** URL with the loopback address, without a trailing slash. */
  url: string
  port: number
}

export interface Service extends Address {
  /** Returns the log so far, one line of JSON per entry. */
  readonly log: string
}

/**
 * Starts the built service on a free port, with a new database. Its source is unreachable, so it serves the sample catalog. Stops it
 * when the test ends. `env` overrides its environment variables.
 */
export async function startService(t: Test, env: NodeJS.ProcessEnv = {}): Promise<Service> {
  const service = new TestProcess(t, command('src/server.js'), {
    PORT: '0',
    DATABASE_URL: `file:${createFolder(t)}/catalog.db`,
    SOURCE_URL: 'http://127.0.0.1:1',
    SAMPLE_CATALOG: 'true',
    ADMIN_USERNAME: USERNAME,
    ADMIN_PASSWORD: PASSWORD,
    RATE_LIMIT: '1000000',
    ...env
  })
  const [, port] = await service.printed(/Server listening at http:\/\/[^"]+:(\d+)/)
  return {
    url: `http://127.0.0.1:${port}`,
    port: Number(port),
    get log() {
      return service.stdout
    }
  }
}

/** Signs in. @returns The token. */
export async function signIn({ url }: Address, password = PASSWORD): Promise<string> {
  const response = await fetch(`${url}/auth`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: USERNAME, password })
  })
  return ((await response.json()) as { token: string }).token
}
