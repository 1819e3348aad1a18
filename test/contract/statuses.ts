/*
 * After all tests: every status that an operation declares was answered in one of them. What nothing produces is either not
 * tested, or not true.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { statusesOfAll } from '../../schemas/problem-responses.js'
import { OBSERVATIONS } from '../helpers/contract.js'
import { operations } from '../helpers/operations.js'

/**
 * A fault of the service itself, which no request can bring about; and what is refused before the service looks which operation it is
 * for, which test/contract/declared.test.ts shows for one of them.
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
