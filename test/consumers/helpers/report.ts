import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Build output: what consumers make of the document, screenshots, results. */
export const OUT = fileURLToPath(new URL('../out', import.meta.url))

/** The version of a package that is installed here. */
export const versionOf = (name: string): string =>
  JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version

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
