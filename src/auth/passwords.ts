import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

/** The minimum that OWASP recommends for Argon2id, the default algorithm of the package. `memoryCost` is in KiB. */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export const hashPassword = (password: string): Promise<string> => hash(password, options)

const base64 = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '')

/** A random hash that no password matches, with the same cost as real hashes. */
const unmatchable = `$argon2id$v=19$m=${options.memoryCost},t=${options.timeCost},p=${options.parallelism}$${base64(16)}$${base64(32)}`

/** Returns whether a password matches its hash. Without a hash, returns false after the same time. */
export const verifyPassword = (password: string, passwordHash = unmatchable): Promise<boolean> =>
  verify(passwordHash, password)

/** Generates a password: 144 random bits as base64url. */
export const randomPassword = (): string => randomBytes(18).toString('base64url')
