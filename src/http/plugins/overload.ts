import { getHeapStatistics } from 'node:v8'
import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import { ProblemError } from '../problems.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Handles the route's requests while others are rejected. */
    pressureHandler?: () => void
  }
}

/** For health checks: they are served under overload, too. */
export const ignorePressure = (): void => {}

/**
 * Mean event loop delay above which the service rejects requests, in milliseconds. Utilization is no measure: a service under steady load
 * is busy all the time and still fast. The delay is the time that clients wait. A thousand busy connections cause about 100 ms, an
 * overcommitted machine about 500 ms.
 */
const DELAY_MAX = 1000
/**
 * Milliseconds over which the mean is taken. A loop with fewer than two turns in that time counts as infinitely delayed. The interval is
 * long, because one long step, such as a start on a slow machine, is not overload.
 */
const SAMPLE_INTERVAL = 5 * DELAY_MAX
/**
 * Share of the heap limit above which the service rejects requests. Beyond it, Node.js mostly collects garbage and soon runs out of memory.
 */
const HEAP_MAX = 0.9
/** Seconds after which clients may retry. */
const RETRY_AFTER = 5

class OverloadError extends ProblemError {
  constructor() {
    super('overloaded', `Try again in ${RETRY_AFTER} seconds.`)
  }
}

/** Rejects requests while the process is overloaded, before it does any work for them. */
export const shedOverload = fp(async (app) => {
  await app.register(underPressure, {
    maxEventLoopDelay: DELAY_MAX,
    sampleInterval: SAMPLE_INTERVAL,
    maxHeapUsedBytes: HEAP_MAX * getHeapStatistics().heap_size_limit,
    customError: OverloadError,
    retryAfter: RETRY_AFTER
  })
})
