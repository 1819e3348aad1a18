#!/usr/bin/env node
/* The command line of the service: `catalog --help`. It loads only the module of the command that runs. */

import { version } from '../version.js'
import type { Command } from './command.js'

const USAGE = `Usage: catalog COMMAND [ARGUMENTS]

  accounts   manages accounts
  keys       manages the keys that sign tokens
  sync       syncs the catalog with its source once
  import     creates and updates products from a file
  export     writes products to a file
  restored   tells the service that its database was restored from a backup

  -h, --help   shows this text or, after a command, the arguments of that command
  --version    shows the version

The commands use the database in DATABASE_URL. The service may go on running.
`

const commands: Record<string, () => Promise<Command>> = {
  accounts: () => import('./accounts.js'),
  keys: () => import('./keys.js'),
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
  process.stderr.write(`${name === undefined ? 'COMMAND is missing.' : `There is no command "${name}".`}\n\n${USAGE}`)
  process.exitCode = 1
}
