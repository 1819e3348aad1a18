import { Retries } from './retries.js'
import type { Pace } from './sources/source-kind.js'
import { WaitingLimit } from './waiting-limit.js'

export interface SourceLimits extends Pace {
  /** Milliseconds to connect. */
  connect: number
  /** Milliseconds to wait for a response, and for each part of its body. */
  response: number
  /** Milliseconds to wait for all responses together. */
  total: number
  /** Bytes per second below which a source counts as stalled. The limits of `response` and `total` grow with the bytes that arrive. */
  rate: number
  /** Maximum size of all responses together, in bytes, as sent and decompressed. */
  bytes: number
}

/** The limits of all kinds. Only the pace is missing, which each kind sets. */
export const defaultLimits: Omit<SourceLimits, keyof Pace> = {
  connect: 5_000,
  response: 30_000,
  total: 600_000,
  rate: 10_000,
  bytes: 4_000_000_000
}

/** The unused part of the limits of one reading of the source. */
export interface ReadingBudget {
  waiting: WaitingLimit
  bytes: number
  retries: Retries
  /** How often a refused token may still be replaced. */
  renewals: number
}

/** How often one reading replaces a refused token. */
const RENEWALS = 1

/** Returns the budget of a new reading. The caller clears `waiting` at its end. */
export function createBudget(
  { total, bytes }: Pick<SourceLimits, 'total' | 'bytes'>,
  stop: AbortSignal
): ReadingBudget {
  return { waiting: new WaitingLimit(total, stop), bytes, retries: new Retries(), renewals: RENEWALS }
}
