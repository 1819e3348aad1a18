/* Manages accounts in the database that DATABASE_URL names, also while the service runs: `catalog accounts --help`. */

import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { PASSWORD_MAX, PASSWORD_MIN, ROLES, type Role, USERNAME_MAX, USERNAME_PATTERN } from '../../schemas/auth.js'
import { hashPassword } from '../auth/passwords.js'
import { AccountStore } from '../store/accounts.js'
import { findSubcommand, InputError, parseArguments, UsageError, withDatabase } from './command.js'

export const usage = `Usage: catalog accounts COMMAND

  add USERNAME [--role ROLE]   adds an account, by default a reader
  list                         lists the accounts
  role USERNAME ROLE           changes the role, and what tokens that were issued before allow
  remove USERNAME              removes an account, and ends its tokens
  password USERNAME            changes a password, and ends tokens that were issued before

ROLE is ${ROLES.slice(0, -1).join(', ')} or ${ROLES.at(-1)}.
Passwords are asked for on a terminal, and read from standard input otherwise. They are never taken as an argument.
The accounts are those in DATABASE_URL. The service may go on running.
`

type Subcommand = (store: AccountStore, username: string, role: Role) => Promise<string>

const subcommands: Record<string, Subcommand> = {
  async add(store, username, role) {
    if (!new RegExp(USERNAME_PATTERN).test(username) || username.length > USERNAME_MAX) {
      throw new InputError(
        `A username has letters, digits and . _ @ -, begins with a letter or a digit, and has at most ${USERNAME_MAX} characters.`
      )
    }
    if (!(await store.add(username, role, await hashPassword(await askPassword())))) {
      throw new InputError(`There already is an account ${username}.`)
    }
    return `Added ${username}, ${role}.`
  },

  async list(store) {
    const accounts = await store.list()
    return accounts.map(({ username, role, createdAt }) => `${username}\t${role}\tsince ${createdAt}`).join('\n')
  },

  async role(store, username, role) {
    if (role !== 'admin') await keepAdmin(store, username)
    if (!(await store.setRole(username, role))) throw new InputError(`There is no account ${username}.`)
    return `${username} is ${role} from now on.`
  },

  async remove(store, username) {
    await keepAdmin(store, username)
    if (!(await store.remove(username))) throw new InputError(`There is no account ${username}.`)
    return `Removed ${username}.`
  },

  async password(store, username) {
    if (!(await store.setPassword(username, await hashPassword(await askPassword())))) {
      throw new InputError(`There is no account ${username}.`)
    }
    return `Changed the password of ${username}.`
  }
}

/** @throws {InputError} where nobody could manage accounts any more without this one. */
async function keepAdmin(store: AccountStore, username: string): Promise<void> {
  const admins = (await store.list()).filter((account) => account.role === 'admin')
  if (admins.length === 1 && admins[0]?.username === username) {
    throw new InputError(`${username} is the only admin. Add another one first.`)
  }
}

export async function run(args: string[]): Promise<void> {
  const { subcommand, username, role } = readArguments(args)
  const answer = await withDatabase((database) => subcommand(new AccountStore(database), username, role))
  process.stdout.write(`${answer}\n`)
}

function readArguments(args: string[]): { subcommand: Subcommand; username: string; role: Role } {
  const { positionals, values } = parseArguments(args, { role: { type: 'string' } })
  const [name, ...rest] = positionals
  const subcommand = findSubcommand(subcommands, name)
  if (values.role !== undefined && name !== 'add') throw new UsageError('--role is an option of add only.')
  const username = name === 'list' ? '' : rest.shift()
  if (username === undefined) throw new UsageError('USERNAME is missing.')
  const given = name === 'role' ? rest.shift() : (values.role ?? 'reader')
  const role = ROLES.find((known) => known === given)
  if (role === undefined) throw new UsageError(`The role must be one of ${ROLES.join(', ')}.`)
  // They are not repeated: one of them may be a password.
  if (rest.length > 0) throw new UsageError('There are too many arguments.')
  return { subcommand, username, role }
}

async function askPassword(): Promise<string> {
  const password = process.stdin.isTTY ? await ask('Password: ') : (await text(process.stdin)).replace(/\r?\n$/, '')
  if (password.length < PASSWORD_MIN || password.length > PASSWORD_MAX) {
    throw new InputError(`A password has ${PASSWORD_MIN} to ${PASSWORD_MAX} characters.`)
  }
  if (process.stdin.isTTY && (await ask('Once more: ')) !== password) throw new InputError('These are two passwords.')
  return password
}

/** Asks on the terminal without showing what is typed. */
async function ask(prompt: string): Promise<string> {
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silence, terminal: true })
  process.stderr.write(prompt)
  const answer = await new Promise<string | undefined>((resolve) => {
    lines.question('', resolve)
    // Ended from the keyboard. The promises of node:readline do not say so on every release of Node 20.
    lines.once('close', () => resolve(undefined))
  })
  lines.close()
  process.stderr.write('\n')
  if (answer === undefined) throw new InputError('Nothing was changed.')
  return answer
}
