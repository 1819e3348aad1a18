import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { buildApp } from './app.js'
import { FirstAccountError } from './auth/accounts.js'
import { initialPasswordPath, writeInitialPassword } from './auth/initial-password.js'
import { type Config, ConfigError, findMisspelledVariables, readConfig } from './config.js'
import { explainFailure } from './store/error-explanation.js'
import { MappingFileError } from './sync/sources/mapped/mapping-file.js'

/** Milliseconds for load balancers to notice that the service is draining. They check about once per second. */
const DRAIN_NOTICE = 2000
/** Milliseconds from the signal until the service closes the connections of unfinished requests. */
const DRAIN_TIMEOUT = 7500
/** Milliseconds from the signal until the process exits in any case. Docker kills it after 10 seconds. */
const EXIT_TIMEOUT = 9500
/** The command that changes a password, in a clone and in the image. */
const PASSWORD_COMMAND = 'node dist/src/cli/catalog.js accounts password'

let config: Config | undefined
try {
  config = readConfig(process.env)
  const { databaseUrl } = config
  const app = await buildApp(config, async (username, password) => {
    // If stderr is not a terminal, it may be stored in a log that many people can read.
    if (process.stderr.isTTY) showPassword(username, password)
    else await storePassword(app, databaseUrl, username, password)
  })
  for (const line of findMisspelledVariables(process.env)) app.log.warn(line)
  try {
    // For `localhost`, Fastify would start a second server on ::1 without our connection limit and shutdown.
    await app.listen({ host: config.host === 'localhost' ? '127.0.0.1' : config.host, port: config.port })
  } catch (error) {
    await app.close()
    throw error
  }
  // A second signal ends the process immediately.
  closeWithGrace({ delay: EXIT_TIMEOUT, logger: app.log }, async ({ err, signal }) => {
    if (err) app.log.fatal(err, 'unexpected error: stopping')
    else app.log.info({ signal }, 'stopping')
    setTimeout(() => app.server.closeAllConnections(), DRAIN_TIMEOUT).unref()
    app.startDraining()
    // Only SIGTERM comes from an orchestrator with a load balancer. Ctrl-C and errors stop at once.
    if (signal === 'SIGTERM') await sleep(DRAIN_NOTICE)
    await app.close()
    app.log.info('stopped')
  })
} catch (error) {
  const line =
    (config && explainFailure(error, config.databaseUrl)) ?? (isOperatorError(error) ? error.message : undefined)
  if (line === undefined) throw error
  process.stderr.write(`${line}\n`)
  process.exitCode = 1
}

/** Returns whether the operator can fix the error: a setting, a port, a folder. Other errors are shown with their stack trace. */
function isOperatorError(error: unknown): error is Error {
  return (
    [ConfigError, MappingFileError, FirstAccountError].some((kind) => error instanceof kind) ||
    'syscall' in Object(error)
  )
}

/** Shows the password on the terminal instead of the log: it is for the person who started the service, and shown only once. */
function showPassword(username: string, password: string): void {
  const lines = [
    'This is the first start, so the service created an account:',
    '',
    `    username  ${username}`,
    `    password  ${password}`,
    '',
    'Save the password: it is not shown again.',
    `To change it: ${PASSWORD_COMMAND} ${username}`
  ]
  const width = Math.max(...lines.map((line) => line.length))
  const rule = '─'.repeat(width + 2)
  const box = [`┌${rule}┐`, ...lines.map((line) => `│ ${line.padEnd(width)} │`), `└${rule}┘`]
  process.stderr.write(`\n${box.join('\n')}\n\n`)
}

/** Writes the password to a file and logs the path, for a service that was not started on a terminal. */
async function storePassword(
  { log }: FastifyInstance,
  databaseUrl: string,
  username: string,
  password: string
): Promise<void> {
  const file = initialPasswordPath(databaseUrl)
  await writeInitialPassword(file, password)
  log.warn(
    { account: username, file },
    `this is the first start, so the service created an account. Read its password from the file, then delete the file. To change it: ${PASSWORD_COMMAND} ${username}`
  )
}
