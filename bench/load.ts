/* Load on a server, what each response costs the server, and comparisons in interleaved rounds. */
import autocannon from 'autocannon'
import { progress } from './figures.js'
import { processorTime, type Server } from './processes.js'

/** Rounds of each measurement, and seconds of each round. */
export const ROUNDS = 5
export const SECONDS = 3
/** Connections of the load generator. Each sends its next request as soon as it has the response to the last one. */
export const CONNECTIONS = 32

type Headers = Record<string, string>
/** The one path that is requested, or the paths that are requested one after the other. */
type Paths = string | Iterator<string>

/**
 * Runs several measurements in turn, again and again, and returns the values of each, by round. A warm-up round comes first and
 * does not count: it would measure the compiler.
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

/** Puts load on a server for some seconds, and returns the cost of a response. */
export async function cost(server: Server, paths: Paths, headers: Headers): Promise<number> {
  return (await load(server, paths, headers, SECONDS)).cost
}

/**
 * Puts load on a server for some seconds, or until a promise resolves. Returns what autocannon reports, and the cost of a
 * response: microseconds of processor time of the server process. Unlike requests a second, it does not depend on how fast the
 * load generator is.
 */
export async function load(server: Server, paths: Paths, headers: Headers, duration: number, until?: Promise<void>) {
  const next = typeof paths === 'string' ? {} : { requests: [{ setupRequest: withPath(paths) }] }
  const path = typeof paths === 'string' ? paths : '/products'
  const before = await processorTime(server)
  const run = autocannon({ url: `${server.url}${path}`, headers, connections: CONNECTIONS, duration, ...next })
  until?.then(() => (run as unknown as autocannon.Instance).stop())
  const result = await run
  const used = (await processorTime(server)) - before
  if (result.errors + result['4xx'] + result['5xx'] > 0) throw new Error(`${server.url}${path} failed under load`)
  return { ...result, cost: used / result.requests.total }
}

function withPath(paths: Iterator<string>) {
  return (request: autocannon.Request) => ({ ...request, path: paths.next().value as string })
}
