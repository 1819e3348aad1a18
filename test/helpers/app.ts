import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import type { Role, Token } from '../../schemas/auth.js'
import type { SyncDryRun, SyncInput } from '../../schemas/sync.js'
import { buildApp } from '../../src/app.js'
import { hashPassword } from '../../src/auth/passwords.js'
import { type Config, readConfig } from '../../src/config.js'
import { AccountStore } from '../../src/store/accounts.js'
import { migrate } from '../../src/store/migrate.js'
import { openDatabase } from '../../src/store/open-database.js'
import type { SyncResult } from '../../src/sync/synchronizer.js'
import { checkResponse } from './contract.js'
import { createDatabase } from './engines.js'
import { TestSource } from './source.js'

export const ADMIN = { username: 'admin', password: 'a password for tests' }

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: the tests read bodies of any shape
  body: any
  text: string
}

export interface RequestOptions {
  method?: string
  headers?: Record<string, string>
  /** Body that is sent as JSON. */
  json?: unknown
  /** Body that is sent unchanged. */
  body?: string
  /** Token for the header, or null for none. Default: a token of the admin. */
  token?: string | null
}

/** The complete service on a free port, with a source. */
export class TestApp {
  #token: Promise<string> | undefined

  constructor(
    readonly app: FastifyInstance,
    readonly source: TestSource,
    readonly config: Config
  ) {}

  get url(): string {
    return `http://127.0.0.1:${(this.app.server.address() as AddressInfo).port}`
  }

  /** Runs a sync and waits until it ends. */
  sync(options?: SyncInput): Promise<SyncResult> {
    return this.app.services.synchronizer.run(options)
  }

  /** Finds out what a sync would change. */
  tryRun(options?: SyncInput): Promise<SyncDryRun> {
    return this.app.services.synchronizer.tryRun(options)
  }

  async signIn(credentials: object = ADMIN): Promise<Answer> {
    return await this.request('/auth', { method: 'POST', json: credentials, token: null })
  }

  token(): Promise<string> {
    this.#token ??= this.signIn().then(({ status, body }) => {
      if (status !== 200) throw new Error(`Signing in was answered with ${status}.`)
      return (body as Token).token
    })
    return this.#token
  }

  /** Creates an account with a role, and returns a token of it. */
  async tokenOf(role: Role): Promise<string> {
    const database = openDatabase(this.config.databaseUrl)
    await new AccountStore(database).add(role, role, await hashAdminPassword())
    await database.close()
    return ((await this.signIn({ username: role, password: ADMIN.password })).body as Token).token
  }

  async request(path: string, options: RequestOptions = {}): Promise<Answer> {
    const { method = 'GET', json, body, token = await this.token() } = options
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...options.headers
      },
      ...((json !== undefined || body !== undefined) && { body: body ?? JSON.stringify(json) })
    })
    // Unlike `response.text()`, keeps a byte order mark.
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer())
    checkResponse({ method, url: path, status: response.status, headers: response.headers, text })
    const isJson = text !== '' && /[/+]json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined }
  }
}

export interface StartOptions {
  products?: unknown[]
  config?: Partial<Config>
  /** Source to use. The test closes it itself. */
  source?: TestSource
}

const defaults = readConfig({})

let adminHash: Promise<string> | undefined

/** Hashes the admin's password once per process: it takes a third of the time of an app's start. */
function hashAdminPassword(): Promise<string> {
  adminHash ??= hashPassword(ADMIN.password)
  return adminHash
}

/** Fills the template of the databases of apps with all tables and the account of the admin. */
async function fillTemplate(url: string): Promise<void> {
  const database = openDatabase(url)
  await migrate(database)
  await new AccountStore(database).add(ADMIN.username, 'admin', await hashAdminPassword())
  await database.close()
}

/** Returns the configuration for a test: a new database, and no scheduled syncs. */
export async function testConfig(t: Test, config: Partial<Config> = {}): Promise<Config> {
  // Tests that configure an account are about the first one, which the service creates.
  const fill = 'adminPassword' in config || 'adminUsername' in config ? undefined : fillTemplate
  return {
    ...defaults,
    databaseUrl: config.databaseUrl ?? (await createDatabase(t, fill)),
    port: 0,
    logLevel: 'silent',
    syncInterval: 3600,
    adminPassword: ADMIN.password,
    sampleCatalog: false,
    rateLimit: 100_000,
    ...config
  }
}

/** Starts a service and its source, waits for the first sync, and closes both when the test ends. */
export async function startApp(t: Test, options: StartOptions = {}): Promise<TestApp> {
  const source = options.source ?? new TestSource(options.products ?? [])
  if (!options.source) {
    await source.listen()
    t.teardown(() => source.close())
  }
  const config = await testConfig(t, { sourceUrl: source.url, ...options.config })
  const app = await buildApp(config, () => {})
  t.teardown(() => app.close())
  await app.listen({ host: config.host, port: config.port })
  if (config.sourceUrl !== undefined) await app.services.synchronizer.run()
  return new TestApp(app, source, config)
}
