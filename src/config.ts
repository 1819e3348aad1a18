import { isIP } from 'node:net'
import { pathToFileURL } from 'node:url'
import type { ErrorObject } from 'ajv'
import { Environment, MAPPED_KINDS } from '../schemas/config.js'
import { isCurrency } from './products/money.js'
import { editDistance } from './products/spelling.js'
import { parseDatabaseUrl } from './store/open-database.js'
import { withoutLineEnd } from './support/line-end.js'
import { createValidator, parseText } from './support/validation.js'
import { describeError } from './support/validation-errors.js'
import { parseSourceAuth, type SourceAuth } from './sync/source-auth.js'

/** The validated configuration, with defaults and parsed lists. */
export interface Config {
  host: string
  port: number
  logLevel: Environment['LOG_LEVEL']
  databaseUrl: string
  /** An absolute URL without slashes at the end of its path; undefined if there is no source. */
  sourceUrl: string | undefined
  sourceKind: Environment['SOURCE_KIND']
  /** A header with credentials for the source. */
  sourceAuth: SourceAuth | undefined
  /** Path of the file that maps the source; undefined if its kind needs none. */
  sourceMapping: string | undefined
  /** Currency of the catalog (ISO 4217); undefined if the source decides. */
  currency: string | undefined
  /** Seconds between two syncs. */
  syncInterval: number
  /** Share of the catalog that one sync may remove, from 0 to 1. */
  syncMaxLoss: number
  /** Seconds for which the last usable version of a product in quarantine stays. */
  syncGrace: number
  /** Seconds to wait for a response of the source, or for more of it. */
  sourceTimeout: number
  /** Maximum size of all data that one sync reads, in bytes. */
  sourceMaxBytes: number
  adminUsername: string
  adminPassword: string | undefined
  /** Lifetime of a token, in seconds. */
  tokenTtl: number
  /** Requests per minute, for each address and for each account. */
  rateLimit: number
  /** Days that changes are kept. */
  changeRetention: number
  /** Size limit of the response cache, in bytes. */
  cacheSize: number
  trustProxy: string[]
  corsOrigins: string[]
  sampleCatalog: boolean
  production: boolean
}

/** Thrown if environment variables are invalid. The message names each of them. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * Reads the configuration from environment variables. One line end at the end of a value does not count: tools that read a value from a
 * file often keep it. An empty variable counts as not set.
 * @throws {ConfigError} The message names every invalid variable, without the values of secrets.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given: NodeJS.ProcessEnv = {}
  for (const [name, text = ''] of Object.entries(env)) {
    const value = withoutLineEnd(text)
    if (value !== '') given[name] = value
  }
  const read: unknown = parseText(Environment, given)
  const isEnvironment = createValidator().compile<Environment>(Environment)
  const errors = isEnvironment(read) ? [] : (isEnvironment.errors as ErrorObject[])
  const bad = errors
    .filter((error) => error.instancePath !== DATABASE_URL)
    .map((error) => `${error.instancePath.slice(1)} ${describeError(error)}`)

  for (const name of Object.keys(Environment.properties)) {
    if (given[name]?.includes(REPLACEMENT)) bad.push(`${name} must be UTF-8`)
  }
  const trustProxy = list(given.TRUST_PROXY)
  const corsOrigins = list(given.CORS_ORIGINS)
  for (const item of trustProxy) {
    if (!isNetwork(item))
      bad.push(`TRUST_PROXY must be a list of IP addresses or networks (got ${JSON.stringify(item)})`)
  }
  for (const item of corsOrigins) {
    if (!isOrigin(item))
      bad.push(`CORS_ORIGINS must be a list of origins such as https://shop.example (got ${JSON.stringify(item)})`)
  }
  if (given.SOURCE_URL && given.SOURCE_URL !== NO_SOURCE && toSourceUrl(given.SOURCE_URL) === undefined) {
    bad.push(
      'SOURCE_URL must be an http or https URL without user, password and fragment, file: with the path of a file, or the word none. ' +
        'Credentials belong in SOURCE_AUTH.'
    )
  }
  if (/^file:/i.test(given.SOURCE_URL ?? '') && /^(shopify|woocommerce|catalog)$/.test(given.SOURCE_KIND ?? ''))
    bad.push(`SOURCE_URL must be an http or https URL, because SOURCE_KIND is ${given.SOURCE_KIND}`)
  const sourceAuth = given.SOURCE_AUTH ? parseSourceAuth(given.SOURCE_AUTH) : undefined
  if (given.SOURCE_AUTH && !sourceAuth)
    bad.push(
      'SOURCE_AUTH must be "Bearer TOKEN", "Basic USER:PASSWORD" or "HEADER: VALUE". The service sets headers such as Host itself.'
    )
  if (given.SOURCE_CURRENCY && /^[A-Z]{3}$/.test(given.SOURCE_CURRENCY) && !isCurrency(given.SOURCE_CURRENCY))
    bad.push(`SOURCE_CURRENCY must be a currency of ISO 4217, such as EUR (got "${given.SOURCE_CURRENCY}")`)
  const needsMapping = MAPPED_KINDS.some((kind) => kind === given.SOURCE_KIND)
  if (needsMapping && given.SOURCE_MAPPING === undefined)
    bad.push(`SOURCE_MAPPING is missing: SOURCE_KIND=${given.SOURCE_KIND} needs a file that maps the fields`)
  if (!needsMapping && given.SOURCE_MAPPING !== undefined)
    bad.push(`SOURCE_MAPPING has no effect: leave it out, or set SOURCE_KIND to ${MAPPED_KINDS.join(', ')}`)
  const isMalformed = errors.some((error) => error.instancePath === DATABASE_URL)
  if (isMalformed || (given.DATABASE_URL && !isDatabaseUrl(given.DATABASE_URL))) {
    bad.push(
      'DATABASE_URL must be file:PATH, or postgres://USER:PASSWORD@HOST:5432/DATABASE. Percent-encode special characters in each part.'
    )
  }
  if (bad.length > 0) throw new ConfigError(`Environment variables are not valid:\n  ${bad.join('\n  ')}`)

  const checked = read as Environment
  const production = checked.NODE_ENV === 'production'
  return {
    host: checked.HOST,
    port: checked.PORT,
    logLevel: checked.LOG_LEVEL,
    databaseUrl: checked.DATABASE_URL,
    sourceUrl: checked.SOURCE_URL === NO_SOURCE ? undefined : toSourceUrl(checked.SOURCE_URL),
    sourceKind: checked.SOURCE_KIND,
    sourceAuth,
    sourceMapping: checked.SOURCE_MAPPING,
    currency: checked.SOURCE_CURRENCY,
    syncInterval: checked.SYNC_INTERVAL,
    syncMaxLoss: checked.SYNC_MAX_LOSS / 100,
    syncGrace: checked.SYNC_GRACE,
    sourceTimeout: checked.SOURCE_TIMEOUT,
    sourceMaxBytes: checked.SOURCE_MAX_BYTES,
    adminUsername: checked.ADMIN_USERNAME,
    adminPassword: checked.ADMIN_PASSWORD,
    tokenTtl: checked.TOKEN_TTL,
    rateLimit: checked.RATE_LIMIT,
    changeRetention: checked.CHANGE_RETENTION,
    cacheSize: checked.CACHE_SIZE * 1_000_000,
    trustProxy,
    corsOrigins,
    sampleCatalog: checked.SOURCE_URL !== NO_SOURCE && (checked.SAMPLE_CATALOG ?? !production),
    production
  }
}

/** Returns a warning for each variable whose name is similar to that of a setting. It does not contain the value, which may be a secret. */
export function findMisspelledVariables(env: NodeJS.ProcessEnv): string[] {
  const settings = Object.keys(Environment.properties)
  return Object.entries(env).flatMap(([name, value]) => {
    if (settings.includes(name) || value === '') return []
    const meant = settings.find((setting) => isMisspelled(name, setting))
    return meant === undefined ? [] : `The environment variable ${name} is unknown. Did you mean ${meant}?`
  })
}

/**
 * Returns whether a name is probably a misspelled setting: one letter differs or, in long names, up to two. Variables of other programs
 * must not match, such as CACHE_FILE, TOKEN_URL, PORTS and PORT0. Therefore short names may differ in one letter only, and must not be
 * longer.
 */
function isMisspelled(name: string, setting: string): boolean {
  if (setting.length < 6 && name.length > setting.length) return false
  return editDistance(name, setting, setting.length > 10 ? 2 : 1) !== undefined
}

/** Node.js replaces bytes that are not UTF-8 with this character. */
const REPLACEMENT = '\uFFFD'

/** The path of DATABASE_URL in validation errors, whose message would show a regular expression. */
const DATABASE_URL = '/DATABASE_URL'

/** Value of SOURCE_URL for a catalog without a source. */
const NO_SOURCE = 'none'

const list = (value = '') =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

function isNetwork(item: string): boolean {
  const [address = '', bits, ...rest] = item.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  // A prefix of 0 bits would trust every address.
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

/** Returns the address of a source without slashes at the end of its path; undefined if it is not valid. */
function toSourceUrl(given: string): string | undefined {
  // The path of a file, as in DATABASE_URL.
  if (/^file:(?!\/)./i.test(given)) return pathToFileURL(given.slice('file:'.length)).href
  if (!/^(https?:\/\/|file:)/i.test(given) || !URL.canParse(given)) return undefined
  const url = new URL(given)
  const { protocol, username, password, host, hash } = url
  if (username + password + hash !== '') return undefined
  if (protocol === 'file:') return host === '' && url.search === '' && url.pathname !== '/' ? url.href : undefined
  url.pathname = url.pathname.replace(/\/+$/, '')
  return url.pathname === '/' ? url.href.replace(/\/(?=$|\?)/, '') : url.href
}

/** Checks the form only. The service reports errors such as a missing certificate file when it opens the database. */
function isDatabaseUrl(url: string): boolean {
  try {
    parseDatabaseUrl(url)
    return true
  } catch (error) {
    return 'syscall' in Object(error)
  }
}

const isOrigin = (item: string) => /^https?:/.test(item) && URL.canParse(item) && new URL(item).origin === item
