import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

/** Argon2id (the package's default) at 19 MiB and 2 passes, as OWASP asks for at least. Memory is in KiB. */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export const hashPassword = (password: string): Promise<string> => hash(password, options)

const base64 = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '')

/** A hash, in the form and at the cost of the real ones, of a password that nobody knows. */
const nobody = `$argon2id$v=19$m=${options.memoryCost},t=${options.timeCost},p=${options.parallelism}$${base64(16)}$${base64(32)}`

/** Whether the password is the one that was hashed. Without a hash the answer is no, and takes as long as any other. */
export const verifyPassword = (password: string, passwordHash = nobody): Promise<boolean> =>
  verify(passwordHash, password)

/** A password with 144 random bits, safe to copy from a terminal. */
export const randomPassword = (): string => randomBytes(18).toString('base64url')
