import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'

/** Folder of the consumer tests, which run compiled in the root of the project. */
export const HERE = resolve('test/consumers')

/** Folder of the output: generated clients, screenshots and results. */
export const OUT = `${HERE}/out`

/** Returns the version of an installed package. */
export const versionOf = (name: string): string =>
  JSON.parse(readFileSync(`${HERE}/node_modules/${name}/package.json`, 'utf8')).version

/**
 * Adds a line to the table at the end of `npm run test:consumers`: the number of operations that a consumer has exercised, and the
 * number of calls or checks that failed. Each test file must report at least once.
 */
export function report(name: string, version: string, operations: number, failures: number): void {
  append({ name, version, operations, failures })
}

/** Adds a line with the reason why a consumer cannot run on this machine. It does not count as a failure. */
export function reportNotRun(name: string, reason: string): void {
  append({ name, notRun: reason })
}

function append(line: object): void {
  mkdirSync(`${OUT}/results`, { recursive: true })
  appendFileSync(`${OUT}/results/${basename(process.argv[1] as string)}.jsonl`, `${JSON.stringify(line)}\n`)
}
