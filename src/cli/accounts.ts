/* Manages accounts in the database that DATABASE_URL names, also while the service runs: `npm run accounts -- help`. */

import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { PASSWORD_MAX, PASSWORD_MIN, ROLES, type Role, USERNAME_MAX, USERNAME_PATTERN } from '../../schemas/auth.js'
import { hashPassword } from '../auth/passwords.js'
import { AccountStore } from '../store/accounts.js'
import { InputError, runCommand, withDatabase } from './input.js'

const USAGE = `Usage: npm run accounts -- COMMAND

  add USERNAME [--role ${ROLES.join('|')}]   adds an account (a reader, where no role is given)
  list                                     lists the accounts
  role USERNAME ${ROLES.join('|')}     changes the role; tokens are worth from then on what it allows
  remove USERNAME                          removes an account; its tokens are refused from then on
  password USERNAME                        changes a password; tokens issued before are refused from then on

Passwords are asked for on a terminal, and read from standard input otherwise. They are never taken as an argument.
The accounts are those in DATABASE_URL. The service may go on running.
`

const commands: Record<string, (store: AccountStore, username: string, role: Role) => Promise<string>> = {
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

await runCommand(async (args) => {
  process.stdout.write(`${await run(args)}\n`)
})

async function run(args: string[]): Promise<string> {
  const { name, username, role } = readArguments(args)
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command || (username === undefined) !== (name === 'list')) throw new InputError(USAGE)
  return await withDatabase((database) => command(new AccountStore(database), username ?? '', role))
}

function readArguments(args: string[]): { name: string; username: string | undefined; role: Role } {
  try {
    const { positionals, values } = parseArgs({ args, allowPositionals: true, options: { role: { type: 'string' } } })
    const [name = '', username, ...rest] = positionals
    const given = name === 'role' ? rest.shift() : name === 'add' ? (values.role ?? 'reader') : 'reader'
    const role = ROLES.find((known) => known === given)
    if (role !== undefined && rest.length === 0 && (values.role === undefined || name === 'add')) {
      return { name, username, role }
    }
  } catch {
    // An option that does not exist: the usage says which do.
  }
  throw new InputError(USAGE)
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
