/* Load on a server, and fair comparisons of what it does to several. */
import autocannon from 'autocannon'
import { progress } from './figures.js'
import type { Server } from './processes.js'

/** How often each thing is measured, and for how long each time. */
export const ROUNDS = 5
export const SECONDS = 3
/** How many connections ask at once, each again as soon as it has its answer. */
export const CONNECTIONS = 32

type Headers = Record<string, string>
/** The one address that is asked for, or those that are, one after the other. */
type Paths = string | Iterator<string>

/**
 * Runs each of several measurements in turn, again and again, and answers with the median of each. The first round does not
 * count: it is that of the compiler.
 */
export async function interleave<T extends string>(
  runs: Record<T, () => Promise<number>>,
  unit = 'requests a second'
): Promise<Record<T, number>> {
  const values = Object.fromEntries(Object.keys(runs).map((name) => [name, [] as number[]])) as Record<T, number[]>
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, run] of Object.entries(runs) as [T, () => Promise<number>][]) {
      const value = await run()
      if (round > 0) values[name].push(value)
      progress(`round ${round} of ${ROUNDS}: ${name} ${Math.round(value)} ${unit}`)
    }
  }
  return Object.fromEntries(Object.entries<number[]>(values).map(([name, list]) => [name, median(list)])) as Record<
    T,
    number
  >
}

export function median(list: number[]): number {
  return list.sort((a, b) => a - b)[Math.floor(list.length / 2)] as number
}

/** Requests a second. */
export async function rate(server: Server, paths: Paths, headers: Headers): Promise<number> {
  const { requests, duration } = await load(server, paths, headers, SECONDS)
  return requests.total / duration
}

/** Load on one address or on many, for so many seconds or until something else has happened. */
export async function load(server: Server, paths: Paths, headers: Headers, duration: number, until?: Promise<void>) {
  const next = typeof paths === 'string' ? {} : { requests: [{ setupRequest: withPath(paths) }] }
  const path = typeof paths === 'string' ? paths : '/products'
  const run = autocannon({ url: `${server.url}${path}`, headers, connections: CONNECTIONS, duration, ...next })
  until?.then(() => (run as unknown as autocannon.Instance).stop())
  const result = await run
  if (result.errors + result['4xx'] + result['5xx'] > 0) throw new Error(`${server.url}${path} failed under load`)
  return result
}

function withPath(paths: Iterator<string>) {
  return (request: autocannon.Request) => ({ ...request, path: paths.next().value as string })
}
