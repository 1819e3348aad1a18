/*
 * Every pattern and format of the contract must match in linear time. With a pattern that backtracks, a single request could block
 * the process for minutes.
 */
import vm from 'node:vm'
import t from 'tap'
import { Claims } from '../../schemas/auth.js'
import { Environment } from '../../schemas/config.js'
import { components } from '../../schemas/index.js'
import { PRODUCT_BODY_MAX, ProductInput } from '../../schemas/product-input.js'
import { SourcePage } from '../../schemas/source.js'
import { createChecks, createValidator } from '../../src/support/validation.js'
import { document } from '../helpers/operations.js'
import { sample } from '../helpers/runs.js'

/** Milliseconds for one text of the maximum size. A linear check takes up to 200, more on a busy machine; a quadratic one takes minutes. */
const TIME_MAX = 3000

/** Returns all values of a keyword in a schema or in any structure that contains schemas. */
function collect(keyword: string, within: unknown, found = new Set<string>()): Set<string> {
  if (typeof within !== 'object' || within === null) return found
  for (const [name, value] of Object.entries(within)) {
    if (name === keyword && typeof value === 'string') found.add(value)
    else collect(keyword, value, found)
  }
  return found
}

const schemas = [components, document, Environment, Claims, SourcePage]
/** Texts that patterns repeat, alone and in pairs. */
const parts = [
  '!',
  ' ',
  '\t',
  '\n',
  'a',
  'Z',
  '0',
  '-',
  '_',
  '.',
  ',',
  ':',
  '/',
  '@',
  '%',
  '%41',
  '[',
  '{',
  '+',
  'é',
  '\u00a0',
  '😀',
  'a-',
  'a ',
  'a,',
  ' !',
  ':a',
  '/a',
  'a.',
  '1.',
  '\\'
]
const starts = ['', 'a', 'http://a/', 'price,', '2026-11-24T08:30:00']
const ends = ['\u0000', '!']

/** Returns the names of slow checks, each with a slow text. Builds each text once, because that takes longest. */
function findSlow(checks: ReadonlyMap<string, (text: string) => unknown>): Map<string, string> {
  const slow = new Map<string, string>()
  for (const [start, part, end] of starts.flatMap((start) =>
    sample(parts, 3).flatMap((part) => ends.map((end) => [start, part, end]))
  )) {
    const text = start + String(part).repeat(PRODUCT_BODY_MAX / Buffer.byteLength(String(part))) + end
    for (const [name, isValid] of checks) {
      if (slow.has(name)) continue
      Object.assign(globalThis, { checkText: () => isValid(text) })
      try {
        vm.runInThisContext('checkText()', { timeout: TIME_MAX })
      } catch {
        slow.set(name, JSON.stringify([start, part, end]))
      }
    }
  }
  return slow
}

const toChecks = (patterns: Iterable<string>) =>
  new Map(
    [...patterns].map((pattern) => {
      const expression = new RegExp(pattern, 'u')
      return [pattern, (text: string) => expression.test(text)]
    })
  )

t.test('every pattern and format of the contract is fast for every text', async (t) => {
  const patterns = collect('pattern', schemas)
  const formats = collect('format', schemas)
  t.ok(patterns.size > 10 && formats.has('uri') && formats.has('date-time'))
  const validator = createValidator()
  const checks = toChecks(patterns)
  for (const format of formats) checks.set(format, validator.compile({ type: 'string', format }))
  t.strictSame([...findSlow(checks)], [])
})

t.test('the check detects a pattern that backtracks', async (t) => {
  t.equal(findSlow(toChecks(['^!*[ -~]!*$', '^!*$'])).size, 1)
})

const product = { sku: 'x', title: 't', category: 'c', price: 1, thumbnail: 'https://a.example' }

t.test(
  'the response lists the first twenty invalid values of a small body, and only the first of a very large one',
  async (t) => {
    const check = createChecks()(ProductInput)
    t.equal(check(product), undefined)
    t.equal(check({ ...product, price: -1, stock: 'x', foo: 1 })?.length, 3)
    t.equal(check({ ...product, tags: Array(50).fill('') })?.length, 20)
    for (const large of [
      { tags: Array(300_000).fill('') },
      Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`x${i}`, i])),
      { description: 'x'.repeat(500_000), stock: 'x' },
      { tags: [Array(900).fill(Array(900).fill(1))] }
    ]) {
      t.equal(check({ ...product, ...large })?.length, 1)
    }
  }
)
