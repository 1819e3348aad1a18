/*
 * Runs after all tests. Checks that at least one test received each status that an operation declares. A status that no test
 * receives is either untested or wrong.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { statusesOfAll } from '../../schemas/problem-responses.js'
import { OBSERVATIONS } from '../helpers/contract.js'
import { operations } from '../helpers/operations.js'

/**
 * Statuses that the check skips: internal errors, which no request can cause, and rejections before routing, which
 * test/contract/declared.test.ts covers.
 */
const EXEMPT = ['500', ...statusesOfAll.map(String)]

const seen = new Set(
  readdirSync(OBSERVATIONS).flatMap((file) => readFileSync(`${OBSERVATIONS}/${file}`, 'utf8').trimEnd().split('\n'))
)
const declared = operations.flatMap(({ operationId, responses }) =>
  Object.keys(responses).map((status) => `${operationId} ${status}`)
)
const missing = declared.filter((one) => !EXEMPT.some((status) => one.endsWith(` ${status}`)) && !seen.has(one))
console.log(
  `${declared.length - missing.length} of ${declared.length} declared answers were seen in tests, or are exempt.`
)
if (missing.length > 0) {
  console.error(`No test has produced:\n  ${missing.join('\n  ')}`)
  process.exitCode = 1
}
