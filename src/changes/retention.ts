import type { FastifyBaseLogger } from 'fastify'
import type { ChangeStore } from '../store/change-store.js'
import type { ExpiryStore } from '../store/expiry.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Milliseconds from one run to the next. */
const INTERVAL = HOUR
/** Milliseconds by which the clock may run ahead of the monotonic clock within one process, between two trusted runs. */
const LEAP_MAX = DAY
/** Milliseconds that the service may have been stopped before it doubts the clock. */
const STOPPED_MAX = 7 * DAY
/** Milliseconds that the process must have run without another jump before it believes the clock after all. */
const PROBATION = DAY

/** A moment by both clocks, in milliseconds: the wall clock since 1970, the monotonic clock since any moment. */
interface Moment {
  wall: number
  monotonic: number
}

/** A moment that is trusted, and by how much the wall clock may be ahead of what follows from it, in milliseconds. */
interface Reference extends Moment {
  allowed: number
}

/**
 * Removes what has expired: changes, revoked tokens, idempotency keys and failed sign-ins. A clock that jumps forward must not make
 * everything expire at once, so nothing is removed while the time is in doubt.
 */
export class Retention {
  readonly #changes: ChangeStore
  readonly #expiry: ExpiryStore
  /** Milliseconds. */
  readonly #kept: number
  readonly #log: FastifyBaseLogger
  readonly #wall: () => number
  readonly #monotonic: () => number
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #reference: Reference | undefined
  #lastRun: Moment | undefined
  /** Since when the time is in doubt by the monotonic clock, and the `seenAt` that was stored then. */
  #distrust: { since: number; seenAt: string | undefined } | undefined

  /**
   * @param retentionMs Days that changes are kept.
   * @param wall Returns the time in milliseconds since 1970.
   * @param monotonic Returns milliseconds since any moment. Nobody can set this clock.
   */
  constructor(
    changes: ChangeStore,
    expiry: ExpiryStore,
    retentionMs: number,
    log: FastifyBaseLogger,
    wall: () => number = () => Date.now(),
    monotonic: () => number = () => performance.now()
  ) {
    this.#changes = changes
    this.#expiry = expiry
    this.#kept = retentionMs * DAY
    this.#log = log
    this.#wall = wall
    this.#monotonic = monotonic
  }

  /** Runs now and every hour until `stop`. */
  start(): void {
    this.#running = this.run()
    this.#timer = setInterval(() => {
      this.#running = this.run()
    }, INTERVAL)
  }

  /** Never throws: a failure is logged, and the next run tries again. */
  async run(): Promise<void> {
    try {
      const now = { wall: this.#wall(), monotonic: this.#monotonic() }
      if (await this.#isTrusted(now)) await this.#remove(now.wall)
    } catch (error) {
      this.#log.error(error, 'removing what has expired failed')
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  /** Returns whether the time may be right, and stores it if so. */
  async #isTrusted(now: Moment): Promise<boolean> {
    const seenAt = await this.#expiry.seenAt()
    const hasJumped = this.#lastRun !== undefined && clockDrift(now, this.#lastRun) > LEAP_MAX
    this.#lastRun = now
    if (!this.#reference) this.#reference = toReference(seenAt, now, Math.min(STOPPED_MAX, this.#kept / 2))
    else if (this.#distrust && this.#distrust.seenAt !== seenAt) {
      // Another process trusts its clock meanwhile. If this one still disagrees, it is the one that is wrong.
      this.#reference = toReference(seenAt, now, LEAP_MAX)
      this.#distrust = { since: now.monotonic, seenAt }
    }
    if (clockDrift(now, this.#reference) > this.#reference.allowed) {
      if (!this.#distrust || hasJumped) {
        this.#distrust = { since: now.monotonic, seenAt }
        this.#warn(now, this.#reference)
      }
      if (now.monotonic - this.#distrust.since < PROBATION) return false
    }
    this.#distrust = undefined
    this.#reference = { ...now, allowed: LEAP_MAX }
    await this.#expiry.setSeenAt(iso(now.wall))
    return true
  }

  #warn(now: Moment, reference: Reference): void {
    const clock = iso(now.wall)
    const lastTrusted = iso(reference.wall)
    this.#log.warn(
      { clock, lastTrusted },
      `The clock is at ${clock}, but was at ${lastTrusted} when the service last trusted it. Nothing that has expired is removed. ` +
        'If the clock is wrong, correct it. If it is right, removal resumes after the service has run for 24 hours.'
    )
  }

  async #remove(now: number): Promise<void> {
    // Smaller jumps go unnoticed, so a token that was revoked is remembered for longer than it could be valid. Failed sign-ins
    // are not: anybody can cause as many as they like.
    await this.#expiry.remove({ revoked: iso(now - STOPPED_MAX), failures: iso(now) })
    const newest = await this.#changes.newestAt()
    if (newest === undefined) return
    const latest = Math.min(now, Date.parse(newest))
    const removed = await this.#changes.prune(iso(latest - this.#kept), iso(latest))
    if (removed > 0) this.#log.info({ removed }, 'old changes removed')
  }
}

/** Milliseconds by which the wall clock has moved on further than the monotonic clock. */
const clockDrift = (now: Moment, since: Moment) => now.wall - since.wall - (now.monotonic - since.monotonic)

/** A time that was stored as a reference. If there is none, the service trusts the time that it sees. */
const toReference = (seenAt: string | undefined, now: Moment, allowed: number): Reference => ({
  wall: seenAt === undefined ? now.wall : Date.parse(seenAt),
  monotonic: now.monotonic,
  allowed
})

const iso = (time: number) => new Date(time).toISOString()
