import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

/** The minimum that OWASP recommends for Argon2id, the default algorithm of the package. `memoryCost` is in KiB. */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/**
 * Returns the form in which passwords are compared: the profile OpaqueString of RFC 8265, section 4.2. Keyboards and operating systems
 * produce different characters for the same visible text.
 */
const normalizePassword = (password: string): string => password.replace(/\p{Zs}/gu, ' ').normalize('NFC')

export const hashPassword = (password: string): Promise<string> => hash(normalizePassword(password), options)

const base64 = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '')

/** A random hash that no password matches, with the same cost as real hashes. */
const unmatchable = `$argon2id$v=19$m=${options.memoryCost},t=${options.timeCost},p=${options.parallelism}$${base64(16)}$${base64(32)}`

/**
 * Returns whether a password matches its hash. Without a hash, returns false after the same time. Hashes of releases up to 0.2.0 are of
 * the password as it was typed, so a password that is not in the normalized form is also compared unchanged. Whether the
 * account exists does not change the number of comparisons of a wrong password.
 */
export async function verifyPassword(password: string, passwordHash = unmatchable): Promise<boolean> {
  const normalized = normalizePassword(password)
  if (await verify(passwordHash, normalized)) return true
  return normalized !== password && (await verify(passwordHash, password))
}

/** Generates a password: 144 random bits as base64url. */
export const randomPassword = (): string => randomBytes(18).toString('base64url')
