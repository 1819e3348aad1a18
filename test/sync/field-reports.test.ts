import t from 'tap'
import { describeProblem, FieldReports, toSentence } from '../../src/sync/field-reports.js'

const report = (pointer: string, value: unknown) =>
  ({ pointer, problem: 'must be a number', value, outcome: 'dropped' }) as const

t.test('fields are counted by reason, whatever their position in a list', async (t) => {
  const reports = new FieldReports()
  reports.add('7', [report('/stock', 'x'), report('/variants/0/price', 'a'), report('/variants/12/price', 'b')])
  reports.addAll([
    { pointer: '/variants/*/price', problem: 'must be a number', outcome: 'dropped', count: 5, product: '9' }
  ])
  reports.addAll([{ pointer: '/stock', problem: 'must be a number', outcome: 'repaired', count: 1, product: '9' }])

  t.strictSame(reports.counts, [
    {
      pointer: '/variants/*/price',
      problem: 'must be a number',
      value: '"a"',
      outcome: 'dropped',
      count: 7,
      product: '7'
    },
    { pointer: '/stock', problem: 'must be a number', value: '"x"', outcome: 'dropped', count: 1, product: '7' },
    { pointer: '/stock', problem: 'must be a number', outcome: 'repaired', count: 1, product: '9' }
  ])
})

t.test('the number of reasons and the size of values are limited', async (t) => {
  const reports = new FieldReports()
  for (let i = 0; i < 150; i++) reports.add('7', [report(`/field${i}`, 'x'.repeat(1000))])

  t.equal(reports.counts.length, 100)
  t.ok((reports.counts[0]?.value?.length ?? 0) <= 50)
})

t.test('a problem is one sentence in the log', async (t) => {
  t.equal(toSentence(describeProblem(report('/stock', 'x'))), '/stock must be a number (got "x")')
  t.equal(toSentence({ pointer: '/price', problem: 'is missing' }), '/price is missing')
  t.equal(toSentence(describeProblem(report('', [1]))), 'product must be a number (got an array)')
})
