/*
 * Tests consumers of the OpenAPI document against the built service, and prints a table: `npm run test:consumers`. To run only some
 * files, name them: `npm run test:consumers -- swagger-ui postman`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

/** @param {string} program @param {string[]} args */
const run = (program, ...args) => spawnSync(program, args, { cwd: root, stdio: 'inherit' }).status === 0

/** Installs the tools, unless the installation matches the lock file. */
export function install() {
  const installed = `${here}node_modules/.package-lock.json`
  const isCurrent = existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${here}package-lock.json`).mtimeMs
  return isCurrent || run('npm', 'ci', '--prefix', here, '--no-audit', '--no-fund')
}

/**
 * @typedef {{ name: string, version?: string, operations?: number, failures?: number, notRun?: string }} Line
 * @param {string} file
 * @returns {Line[]}
 */
function linesOf(file) {
  const results = `${here}out/results/${file}.jsonl`
  if (!existsSync(results)) return []
  return readFileSync(results, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** @param {Line} line */
const cells = ({ name, version = '', operations, failures, notRun }) =>
  notRun === undefined ? [name, version, operations, failures] : [name, `not run: ${notRun}`, '', '']

function main() {
  const wanted = process.argv.slice(2)
  const files = readdirSync(here).filter(
    (file) => file.endsWith('.test.ts') && (wanted.length === 0 || wanted.some((name) => file.startsWith(name)))
  )
  rmSync(`${here}out/results`, { recursive: true, force: true })
  if (files.length === 0 || !install() || !run('npx', 'tsc', '-p', here)) return false

  const table = []
  const broken = []
  for (const file of files) {
    const hasPassed = run(
      'npx',
      'tap',
      '--disable-coverage',
      '--allow-incomplete-coverage',
      '--reporter=tap',
      '--exclude=',
      `test/consumers/out/tests/test/consumers/${file.replace(/ts$/, 'js')}`
    )
    const lines = linesOf(file.replace(/ts$/, 'js'))
    table.push(...lines)
    if (!hasPassed) broken.push(`${file} failed`)
    if (lines.length === 0) broken.push(`${file} reported no result`)
    for (const { name, failures } of lines) if (failures) broken.push(`${name}: ${failures} failures`)
  }
  print([['consumer', 'version', 'operations', 'failures'], ...table.map(cells)])
  for (const reason of broken) console.log(reason)
  return broken.length === 0
}

/** @param {unknown[][]} rows */
function print(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => String(cell).padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()
    )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main() ? 0 : 1
