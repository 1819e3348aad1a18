import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import { buildApp } from './app.js'
import { FirstAccountError } from './auth/accounts.js'
import { initialPasswordPath, writeInitialPassword } from './auth/initial-password.js'
import { type Config, ConfigError, findMisspelledVariables, readConfig } from './config.js'
import { explainFailure } from './store/error-explanation.js'

/** Milliseconds in which load balancers notice that the service is about to stop: they ask every second or so. */
const NOTICE = 2000
/** Milliseconds from the signal on that requests under way get to end; what is left of them is cut off then. */
const PATIENCE = 7500
/** Milliseconds after which the process ends in any case, though in order or not. Docker kills it after 10 seconds. */
const GRACE = 9500
/** The command that changes a password. It works in a clone and in the image. */
const CHOOSE = 'node dist/src/cli/catalog.js accounts password'

let config: Config | undefined
try {
  config = readConfig(process.env)
  const { databaseUrl } = config
  const app = await buildApp(config, async (username, password) => {
    // Output that does not go to a terminal may be stored, and read by many people.
    if (process.stderr.isTTY) showPassword(username, password)
    else await keepPassword(app, databaseUrl, username, password)
  })
  for (const line of findMisspelledVariables(process.env)) app.log.warn(line)
  try {
    // For `localhost` Fastify would start a second server, on ::1, which is neither bounded nor stopped in order.
    await app.listen({ host: config.host === 'localhost' ? '127.0.0.1' : config.host, port: config.port })
  } catch (error) {
    await app.close()
    throw error
  }
  // A second signal ends the process at once.
  closeWithGrace({ delay: GRACE, logger: app.log }, async ({ err, signal }) => {
    if (err) app.log.fatal(err, 'an error that nobody expected: stopping')
    else app.log.info({ signal }, 'stopping')
    setTimeout(() => app.server.closeAllConnections(), PATIENCE).unref()
    app.startDraining()
    // Whoever presses Ctrl-C is in front of it, and no balancer. An error is no state to go on in.
    if (signal === 'SIGTERM') await sleep(NOTICE)
    await app.close()
    app.log.info('stopped')
  })
} catch (error) {
  const line =
    (config && explainFailure(error, config.databaseUrl)) ?? (isForTheOperator(error) ? error.message : undefined)
  if (line === undefined) throw error
  process.stderr.write(`${line}\n`)
  process.exitCode = 1
}

/** Errors that whoever starts the service can mend: a setting, a port, a folder. Of the others the stack is shown too. */
function isForTheOperator(error: unknown): error is Error {
  return error instanceof ConfigError || error instanceof FirstAccountError || 'syscall' in Object(error)
}

/** On the terminal and not in the log: it is for the person who started the service, and shown this once. */
function showPassword(username: string, password: string): void {
  const lines = [
    'This is the first start, so an account was made:',
    '',
    `    username  ${username}`,
    `    password  ${password}`,
    '',
    'Keep it: the password is not shown again.',
    `To choose your own: ${CHOOSE} ${username}`
  ]
  const width = Math.max(...lines.map((line) => line.length))
  const rule = '─'.repeat(width + 2)
  const box = [`┌${rule}┐`, ...lines.map((line) => `│ ${line.padEnd(width)} │`), `└${rule}┘`]
  process.stderr.write(`\n${box.join('\n')}\n\n`)
}

/** Writes the password to a file and logs the path: nobody is at a terminal to read it. */
async function keepPassword(
  { log }: FastifyInstance,
  databaseUrl: string,
  username: string,
  password: string
): Promise<void> {
  const file = initialPasswordPath(databaseUrl)
  await writeInitialPassword(file, password)
  log.warn(
    { account: username, file },
    `this is the first start, so an account was made: read its password in the file, then delete the file. To choose your own: ${CHOOSE} ${username}`
  )
}
