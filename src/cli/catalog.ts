#!/usr/bin/env node
/* The command-line interface: `catalog --help`. It loads only the module of the command that runs. */

import { version } from '../version.js'
import type { Command } from './command.js'

const USAGE = `Usage: catalog COMMAND [ARGUMENTS]

  accounts   manages accounts
  keys       manages the signing keys of tokens
  source     checks a source without a database
  sync       syncs the catalog with its source once
  import     creates and updates products from a file
  export     exports products to a file
  restored   tells the service that its database was restored from a backup

  -h, --help   shows this text or, after a command, the usage of that command
  --version    shows the version

All commands but source use the database in DATABASE_URL. The service can keep running.
`

const commands: Record<string, () => Promise<Command>> = {
  accounts: () => import('./accounts.js'),
  keys: () => import('./keys.js'),
  source: () => import('./source.js'),
  sync: () => import('./sync.js'),
  import: () => import('./import.js'),
  export: () => import('./export.js'),
  restored: () => import('./restored.js')
}

const [name, ...args] = process.argv.slice(2)
const load = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined
if (load) {
  const [{ runCommand }, command] = await Promise.all([import('./command.js'), load()])
  await runCommand(command, args)
} else if (name === 'help' || name === '--help' || name === '-h') {
  process.stdout.write(USAGE)
} else if (name === '--version') {
  process.stdout.write(`${version}\n`)
} else {
  process.stderr.write(
    `${name === undefined ? 'COMMAND is missing.' : `The command "${name}" is unknown.`}\n\n${USAGE}`
  )
  process.exitCode = 1
}
