import type { FastifyBaseLogger } from 'fastify'
import type { ChangeStore } from '../store/change-store.js'
import type { ExpiryStore } from '../store/expiry.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Milliseconds between two runs. */
const INTERVAL = HOUR
/** Milliseconds by which the clock may run ahead of the monotonic clock within one process, between two trusted runs. */
const JUMP_MAX_MS = DAY
/** Milliseconds that the service may have been stopped before it distrusts the clock. */
const DOWNTIME_MAX_MS = 7 * DAY
/** Milliseconds without another jump after which the process trusts the clock again. */
const TRUST_AFTER_MS = DAY

/** A moment on two clocks, in milliseconds: the wall clock since 1970, and the monotonic clock since an arbitrary moment. */
interface Moment {
  wall: number
  monotonic: number
}

/** A trusted moment, and the allowed drift of the wall clock since then, in milliseconds. */
interface Reference extends Moment {
  allowed: number
}

/**
 * Removes expired rows: changes, revoked tokens, idempotency keys and failed sign-ins. A clock that jumps forward must not expire
 * everything at once, so the service removes nothing while it does not trust the clock.
 */
export class Retention {
  readonly #changes: ChangeStore
  readonly #expiry: ExpiryStore
  readonly #retentionMs: number
  readonly #log: FastifyBaseLogger
  readonly #wall: () => number
  readonly #monotonic: () => number
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #reference: Reference | undefined
  #lastRun: Moment | undefined
  /** Monotonic time since which the clock is not trusted, and the `seenAt` that was stored at that time. */
  #distrust: { since: number; seenAt: string | undefined } | undefined

  /**
   * @param retentionDays Days that changes are kept.
   * @param wall Returns the time in milliseconds since 1970.
   * @param monotonic Returns milliseconds of a clock that cannot be set.
   */
  constructor(
    changes: ChangeStore,
    expiry: ExpiryStore,
    retentionDays: number,
    log: FastifyBaseLogger,
    wall: () => number = () => Date.now(),
    monotonic: () => number = () => performance.now()
  ) {
    this.#changes = changes
    this.#expiry = expiry
    this.#retentionMs = retentionDays * DAY
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
      this.#log.error(error, 'removing expired rows failed')
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  /** Returns whether the clock is trusted, and stores its time if so. */
  async #isTrusted(now: Moment): Promise<boolean> {
    const seenAt = await this.#expiry.seenAt()
    const hasJumped = this.#lastRun !== undefined && clockDrift(now, this.#lastRun) > JUMP_MAX_MS
    this.#lastRun = now
    if (!this.#reference) this.#reference = toReference(seenAt, now, Math.min(DOWNTIME_MAX_MS, this.#retentionMs / 2))
    else if (this.#distrust && this.#distrust.seenAt !== seenAt) {
      // Another process trusts its clock. If this process still disagrees, its own clock is wrong.
      this.#reference = toReference(seenAt, now, JUMP_MAX_MS)
      this.#distrust = { since: now.monotonic, seenAt }
    }
    if (clockDrift(now, this.#reference) > this.#reference.allowed) {
      if (!this.#distrust || hasJumped) {
        this.#distrust = { since: now.monotonic, seenAt }
        this.#warn(now, this.#reference)
      }
      if (now.monotonic - this.#distrust.since < TRUST_AFTER_MS) return false
    }
    this.#distrust = undefined
    this.#reference = { ...now, allowed: JUMP_MAX_MS }
    await this.#expiry.setSeenAt(iso(now.wall))
    return true
  }

  #warn(now: Moment, reference: Reference): void {
    const clock = iso(now.wall)
    const lastTrusted = iso(reference.wall)
    this.#log.warn(
      { clock, lastTrusted },
      `The clock is at ${clock}, but was at ${lastTrusted} when the service last trusted it. ` +
        'The service removes no expired rows for now. If the clock is wrong, correct it. ' +
        'If it is right, removal resumes after the service has run for 24 hours.'
    )
  }

  async #remove(now: number): Promise<void> {
    // The service does not notice small jumps of the clock, so it keeps revoked tokens longer than they could be valid. It keeps failed
    // sign-ins no longer, because clients without an account can cause any number of them.
    await this.#expiry.remove({ revoked: iso(now - DOWNTIME_MAX_MS), failures: iso(now) })
    const newest = await this.#changes.newestAt()
    if (newest === undefined) return
    const latest = Math.min(now, Date.parse(newest))
    const removed = await this.#changes.prune(iso(latest - this.#retentionMs), iso(latest))
    if (removed > 0) this.#log.info({ removed }, 'old changes removed')
  }
}

/** Returns by how many milliseconds the wall clock has advanced further than the monotonic clock. */
const clockDrift = (now: Moment, since: Moment) => now.wall - since.wall - (now.monotonic - since.monotonic)

/** Creates a reference from a stored time. Without a stored time, the service trusts the clock. */
const toReference = (seenAt: string | undefined, now: Moment, allowed: number): Reference => ({
  wall: seenAt === undefined ? now.wall : Date.parse(seenAt),
  monotonic: now.monotonic,
  allowed
})

const iso = (time: number) => new Date(time).toISOString()
