import { getHeapStatistics } from 'node:v8'
import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import { ProblemError } from '../problems.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What becomes of the route's requests when others are refused. */
    pressureHandler?: () => void
  }
}

/** For routes by which somebody watches over the service: these are answered all the same. */
export const ignorePressure = (): void => {}

/**
 * Milliseconds that the event loop may be late, on average, until requests are refused. How busy it is says nothing: a service
 * that is asked without a pause is busy all the time, and well. How late it is says how long everybody waits. With a thousand
 * connections that never pause it is late by a tenth of a second, on a machine with too much else to do by half a second.
 */
const DELAY_MAX = 1000
/**
 * Milliseconds that the average is taken of. A loop that turns less than twice in that time counts as infinitely late: it is long,
 * so that one long step, such as a start on a slow machine, is not taken for a crowd.
 */
const SAMPLE = 5 * DELAY_MAX
/** Of the heap that Node.js may use: beyond this it does little else than to look for garbage, and soon ends. */
const HEAP_MAX = 0.9
/** Seconds after which there may be room again. */
const RETRY_AFTER = 5

/** Made once: who refuses thousands of requests a second has no time to say where in the code that was. */
class OverloadError extends ProblemError {
  constructor() {
    super('overloaded', `Try again in ${RETRY_AFTER} seconds.`)
  }
}

/** Refuses requests, before anything is done for them, while those that are there already take too long. */
export const shedOverload = fp(async (app) => {
  await app.register(underPressure, {
    maxEventLoopDelay: DELAY_MAX,
    sampleInterval: SAMPLE,
    maxHeapUsedBytes: HEAP_MAX * getHeapStatistics().heap_size_limit,
    customError: OverloadError,
    retryAfter: RETRY_AFTER
  })
})
