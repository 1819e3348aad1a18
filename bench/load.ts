/* Puts load on servers and compares them in interleaved rounds. */
import autocannon from 'autocannon'
import { progress } from './figures.js'
import { processorTime, type Server } from './processes.js'

/** Rounds of each measurement, and seconds of each round. */
export const ROUNDS = 5
export const SECONDS = 3
/** Seconds after which load ends even if the work that it accompanies has not. */
export const MAX_SECONDS = 120
/** Connections of the load generator. Each sends its next request as soon as it has the last response. */
export const CONNECTIONS = 32

type Headers = Record<string, string>
/** One path for all requests, or the paths of consecutive requests. */
type Paths = string | Iterator<string>

/**
 * Repeats several measurements in turn, and returns the values of each by round. Discards the first round, in which the compiler
 * warms up.
 */
export async function interleave<T extends string>(
  runs: Record<T, () => Promise<number>>,
  unit: string,
  rounds = ROUNDS
): Promise<Record<T, number[]>> {
  const values = Object.fromEntries(Object.keys(runs).map((name) => [name, [] as number[]])) as Record<T, number[]>
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(runs) as [T, () => Promise<number>][]) {
      const value = await run()
      if (round > 0) values[name].push(value)
      progress(`${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${name} ${value.toFixed(1)} ${unit}`)
    }
  }
  return values
}

/** Puts load on a server for `SECONDS`, and returns the cost of a response in microseconds of processor time. */
export async function cost(server: Server, paths: Paths, headers: Headers): Promise<number> {
  return (await load(server, paths, headers, SECONDS)).cost
}

/**
 * Puts load on a server until `duration` seconds have passed or a promise resolves. Returns the result of autocannon and the cost of
 * a response: microseconds of processor time of the server process. Unlike requests per second, the cost does not depend on the
 * speed of the load generator.
 */
export async function load(server: Server, paths: Paths, headers: Headers, duration: number, until?: Promise<void>) {
  const next = typeof paths === 'string' ? {} : { requests: [{ setupRequest: withPath(paths) }] }
  const path = typeof paths === 'string' ? paths : '/products'
  const before = await processorTime(server)
  const run = autocannon({ url: `${server.url}${path}`, headers, connections: CONNECTIONS, duration, ...next })
  until?.then(() => (run as unknown as autocannon.Instance).stop())
  const result = await run
  const usedTime = (await processorTime(server)) - before
  if (result.errors + result['4xx'] + result['5xx'] > 0) {
    const { errors, '4xx': clientErrors, '5xx': serverErrors } = result
    throw new Error(
      `${server.url}${path} failed under load: ${errors} errors, ${clientErrors} × 4xx, ${serverErrors} × 5xx.`
    )
  }
  return { ...result, cost: usedTime / result.requests.total }
}

function withPath(paths: Iterator<string>) {
  return (request: autocannon.Request) => ({ ...request, path: paths.next().value as string })
}
