/* Manages accounts: `catalog accounts --help`. */

import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { PASSWORD_MAX, PASSWORD_MIN, ROLES, type Role, USERNAME_MAX, USERNAME_PATTERN } from '../../schemas/auth.js'
import { hashPassword } from '../auth/passwords.js'
import { AccountStore } from '../store/accounts.js'
import { withoutLineEnd } from '../support/line-end.js'
import { formatValue, patternHints } from '../support/validation-errors.js'
import { findSubcommand, InputError, parseArguments, UsageError, withDatabase } from './command.js'

export const usage = `Usage: catalog accounts COMMAND

  add USERNAME [--role ROLE]   adds an account, by default with the role reader
  list                         lists all accounts
  role USERNAME ROLE           changes the role of an account; existing tokens lose the scopes that the new role lacks
  remove USERNAME              removes an account and revokes its tokens
  password USERNAME            changes a password and revokes all tokens of the account

ROLE is ${ROLES.slice(0, -1).join(', ')} or ${ROLES.at(-1)}.
The command prompts for passwords on a terminal; otherwise it reads them from standard input. It does not accept them as
arguments. It uses the database in DATABASE_URL. The service can keep running.
`

type Subcommand = (store: AccountStore, username: string, role: Role) => Promise<string>

const subcommands: Record<string, Subcommand> = {
  async add(store, username, role) {
    if (!new RegExp(USERNAME_PATTERN).test(username) || username.length > USERNAME_MAX) {
      throw new InputError(
        `USERNAME ${patternHints.get(USERNAME_PATTERN)}, and must have at most ${USERNAME_MAX} characters (got ${formatValue(username)}).`
      )
    }
    if (!(await store.add(username, role, await hashPassword(await askPassword())))) {
      throw new InputError(`The account ${username} already exists. Use another username, or change its password.`)
    }
    return `Added ${username}, ${role}.`
  },

  async list(store) {
    const accounts = await store.list()
    return accounts.map(({ username, role, createdAt }) => `${username}\t${role}\tsince ${createdAt}`).join('\n')
  },

  async role(store, username, role) {
    if (role !== 'admin') await requireOtherAdmin(store, username)
    if (!(await store.setRole(username, role))) throw missingAccount(username)
    return `${username} now has the role ${role}.`
  },

  async remove(store, username) {
    await requireOtherAdmin(store, username)
    if (!(await store.remove(username))) throw missingAccount(username)
    return `Removed ${username}.`
  },

  async password(store, username) {
    if (!(await store.setPassword(username, await hashPassword(await askPassword())))) {
      throw missingAccount(username)
    }
    return `Changed the password of ${username}.`
  }
}

const missingAccount = (username: string) =>
  new InputError(`There is no account ${username}. \`catalog accounts list\` prints all accounts.`)

/** @throws {InputError} if the account is the only admin. */
async function requireOtherAdmin(store: AccountStore, username: string): Promise<void> {
  const admins = (await store.list()).filter((account) => account.role === 'admin')
  if (admins.length === 1 && admins[0]?.username === username) {
    throw new InputError(`${username} is the only admin. Add another admin first.`)
  }
}

export async function run(args: string[]): Promise<void> {
  const { subcommand, username, role } = readArguments(args)
  const result = await withDatabase((database) => subcommand(new AccountStore(database), username, role))
  process.stdout.write(`${result}\n`)
}

function readArguments(args: string[]): { subcommand: Subcommand; username: string; role: Role } {
  const { positionals, values } = parseArguments(args, { role: { type: 'string' } })
  const [name, ...rest] = positionals
  const subcommand = findSubcommand(subcommands, name)
  if (values.role !== undefined && name !== 'add') throw new UsageError('Only the command add accepts --role.')
  const username = name === 'list' ? '' : rest.shift()
  if (username === undefined) throw new UsageError('USERNAME is missing.')
  const roleName = name === 'role' ? rest.shift() : (values.role ?? 'reader')
  const role = ROLES.find((candidate) => candidate === roleName)
  if (role === undefined) throw new UsageError(`ROLE must be one of ${ROLES.join(', ')}.`)
  // The messages do not repeat the arguments, because one of them can be a password.
  if (rest.length > 0) throw new UsageError('Too many arguments.')
  return { subcommand, username, role }
}

async function askPassword(): Promise<string> {
  const password = process.stdin.isTTY ? await ask('Password: ') : withoutLineEnd(await text(process.stdin))
  if (password.includes('\uFFFD')) throw new InputError('The password must be UTF-8.')
  if (password.length < PASSWORD_MIN || password.length > PASSWORD_MAX) {
    throw new InputError(
      `The password must have ${PASSWORD_MIN} to ${PASSWORD_MAX} characters (got ${password.length}).`
    )
  }
  if (process.stdin.isTTY && (await ask('Repeat the password: ')) !== password) {
    throw new InputError('The two passwords differ. Run the command again.')
  }
  return password
}

/**
 * Reads a line from the terminal without showing it.
 * @throws {InputError} if the user cancels the prompt.
 */
async function ask(prompt: string): Promise<string> {
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: hidden, terminal: true })
  process.stderr.write(prompt)
  const line = await new Promise<string | undefined>((resolve) => {
    lines.question('', resolve)
    // Ctrl+C or Ctrl+D. With node:readline/promises, some releases of Node.js 20 never settle the promise.
    lines.once('close', () => resolve(undefined))
  })
  lines.close()
  process.stderr.write('\n')
  if (line === undefined) throw new InputError('Canceled. Nothing was changed.')
  return line
}
