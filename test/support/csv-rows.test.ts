import fc from 'fast-check'
import t from 'tap'
import { type CsvOptions, readCsvRows } from '../../src/support/csv-rows.js'
import { requireEqual } from '../helpers/properties.js'

const defaults: CsvOptions = { separator: ',', rowMax: 1000, step: 16 }

/** Reads a text that arrives in chunks of a few bytes. */
async function read(text: string, options: Partial<CsvOptions> = {}, chunkSize = 7) {
  async function* toChunks() {
    const bytes = Buffer.from(text)
    for (let start = 0; start < bytes.length; start += chunkSize) yield bytes.subarray(start, start + chunkSize)
  }
  const all = []
  for await (const rows of readCsvRows(toChunks(), { ...defaults, ...options })) all.push(...rows)
  return all
}

t.test('rows have their cells and the line in which they end', async (t) => {
  t.strictSame(await read('\uFEFFa,b\r\n\n"1\n2",""\r3'), [
    { cells: ['a', 'b'], line: 1 },
    { cells: ['1\n2', ''], line: 4 },
    { cells: ['3'], line: 5 }
  ])
  t.strictSame(await read('sep=;\na;b\n', { separator: ';', fromLine: 2 }), [{ cells: ['a', 'b'], line: 2 }])
  t.strictSame(await read(''), [])
})

t.test('any cells are read back, however the bytes arrive', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', 'ß', '家', '🛋') })
  const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 40 }), async (written, size) => {
      const text = written.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')).join('\n')
      requireEqual(
        (await read(text, {}, size)).map(({ cells }) => cells),
        written
      )
    }),
    { numRuns: 200 }
  )
})

t.test('quotation marks within a cell are an error, unless they are permitted', async (t) => {
  const text = 'a\n24" screen\n'
  await t.rejects(read(text), { name: 'CsvRowError', problem: 'other', line: 2 })
  t.match(await read(text, { hasLooseQuotes: true }), [{ cells: ['a'] }, { cells: ['24" screen'] }])
})

t.test('an unclosed quotation and a long row are errors', async (t) => {
  await t.rejects(read('a\n"b'), { name: 'CsvRowError', problem: 'unclosed-quote' })
  for (const row of ['x'.repeat(2000), ','.repeat(2000), `"${'\n'.repeat(2000)}`])
    await t.rejects(read(`a\n${row}\n`), { problem: 'too-long', message: 'a record must have at most 1000 bytes' })
})

t.test('a reader that stops early and a broken source end the reading', async (t) => {
  let isClosed = false
  async function* chunks() {
    try {
      for (;;) yield Buffer.from('a\n')
    } finally {
      isClosed = true
    }
  }
  for await (const rows of readCsvRows(chunks(), defaults)) if (rows.length > 0) break
  t.ok(isClosed)
  async function* broken() {
    yield Buffer.from('a\n')
    throw new Error('broken')
  }
  const readBroken = async () => {
    for await (const _ of readCsvRows(broken(), defaults));
  }
  await t.rejects(readBroken(), { message: 'broken' })
})
