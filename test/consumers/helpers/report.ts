import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'

/** The folder of the consumers. Their tests run compiled, in the root of the project. */
export const HERE = resolve('test/consumers')

/** Build output: what consumers make of the document, screenshots, results. */
export const OUT = `${HERE}/out`

/** The version of a package that is installed here. */
export const versionOf = (name: string): string =>
  JSON.parse(readFileSync(`${HERE}/node_modules/${name}/package.json`, 'utf8')).version

/**
 * Adds a line to the table at the end of `npm run test:consumers`: how many operations of the document a consumer has exercised,
 * and how many of its calls or checks failed. It is kept by the name of the test file, which has to report at least once.
 */
export function report(name: string, version: string, operations: number, failures: number): void {
  append({ name, version, operations, failures })
}

/** Adds a line that says why a consumer could not be run here, such as `no Swift here`. That is no failure. */
export function reportNotRun(name: string, reason: string): void {
  append({ name, notRun: reason })
}

function append(line: object): void {
  mkdirSync(`${OUT}/results`, { recursive: true })
  appendFileSync(`${OUT}/results/${basename(process.argv[1] as string)}.jsonl`, `${JSON.stringify(line)}\n`)
}
