/* Files crafted to be slow to read. None may block the event loop or use unbounded memory. */
import t from 'tap'
import { readCsv } from '../../src/transfer/csv-reader.js'
import { UnreadableFileError } from '../../src/transfer/errors.js'
import { readNdjson } from '../../src/transfer/ndjson.js'
import { type ReadRow, ROW_MAX } from '../../src/transfer/rows.js'
import { longestBlock } from '../helpers/blocks.js'
import { runs } from '../helpers/runs.js'

/**
 * Milliseconds for which a file may block the event loop. Each of these files once blocked it for seconds. The measured time includes
 * garbage collection, which takes longer in a process that ran many tests before.
 */
const BLOCK_MAX = 500
/** Bytes per chunk, as a socket delivers them. */
const CHUNK = 65_536

/** Repeats a text in chunks, up to a number of bytes. */
async function* repeat(text: string, bytes: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.from(text.repeat(Math.ceil(CHUNK / text.length)))
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk
}

async function* after(head: string, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(head)
  yield* rest
}

async function countRows(batches: AsyncIterable<ReadRow[]>): Promise<number> {
  let rows = 0
  for await (const batch of batches) {
    // The importer handles a batch as a whole, so large rows come in small batches.
    if (JSON.stringify(batch).length > 3 * ROW_MAX) throw new Error('a batch is too large')
    rows += batch.length
  }
  return rows
}

/** Reads a file to its end or until the reader gives up because of too many unreadable rows. */
async function readAll(batches: AsyncIterable<ReadRow[]>): Promise<void> {
  await countRows(batches).catch((error) => {
    if (!/more than 10000 rows cannot be read/.test(String(error))) throw error
  })
}

const value = JSON.stringify({ id: 1, description: 'x'.repeat(900_000) })

const csv = {
  'blank lines': '\n',
  'blank lines with CRLF': '\r\n',
  'short records': 'a\n',
  'quoted empty records': '""\n',
  'records with an extra cell': '1,2,3\n',
  'blank records': ' \n',
  'blank cells': ',,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n'
}
for (const [what, text] of Object.entries(csv)) {
  t.test(`CSV of ${what} is read in small steps`, async (t) => {
    const block = await longestBlock(() => readAll(readCsv(after('id,sku\n', repeat(text, runs(100_000, 1_000_000))))))
    t.ok(block < BLOCK_MAX, `${Math.round(block)} ms`)
  })
}

const ndjson = {
  'blank lines': '\n',
  'empty objects': '{}\n',
  'lines that are not JSON': '{\n',
  'large rows': `${value}\n`
}
for (const [what, text] of Object.entries(ndjson)) {
  t.test(`NDJSON of ${what} is read in small steps`, async (t) => {
    const block = await longestBlock(() => readAll(readNdjson(repeat(text, runs(300_000, 1_500_000)))))
    t.ok(block < BLOCK_MAX, `${Math.round(block)} ms`)
  })
}

const endless = { commas: ',', 'quoted cells': '"",', 'one quoted cell': '""', 'one cell': 'x' }
for (const [what, text] of Object.entries(endless)) {
  for (const head of ['id,sku\n1,"a"\n', '']) {
    t.test(`a ${head === '' ? 'header' : 'record'} of endless ${what} is rejected after a megabyte`, async (t) => {
      let read = 0
      const counted = async function* () {
        for await (const chunk of repeat(text, 100 * ROW_MAX)) {
          read += chunk.length
          yield chunk
        }
      }
      const start = text === '""' ? `${head}"` : head
      const block = await longestBlock(() =>
        t.rejects(countRows(readCsv(after(start, counted()))), UnreadableFileError)
      )
      t.ok(read < 3 * ROW_MAX, `${read} bytes read`)
      t.ok(block < BLOCK_MAX, `${Math.round(block)} ms`)
    })
  }
}

t.test('a file with too many unreadable rows is rejected', async (t) => {
  async function* file(rows: number) {
    yield Buffer.from('[]\n'.repeat(rows))
  }
  t.equal(await countRows(readNdjson(file(10_000))), 10_000)
  await t.rejects(countRows(readNdjson(file(10_001))), {
    line: 10_001,
    message: /more than 10000 rows cannot be read\. .* This row must be a JSON object/
  })
})

t.test('a row with too many values is rejected before it is parsed', async (t) => {
  const rows: ReadRow[] = []
  async function* file() {
    yield Buffer.from(`{"tags":[${'"",'.repeat(10_001)}""]}\n{"id":1}\n`)
  }
  for await (const batch of readNdjson(file())) rows.push(...batch)
  t.strictSame(rows, [
    { line: 1, refused: 'must have at most 10000 values' },
    { line: 2, value: { id: 1 } }
  ])
})
