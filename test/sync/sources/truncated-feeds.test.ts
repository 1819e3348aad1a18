/*
 * A feed that ends too early must not remove a product. Only a table that ends between two lines looks complete: then `SYNC_MAX_LOSS`
 * limits what it can remove.
 */
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { DecompressedBody } from '../../../src/sync/decompressed-body.js'
import { SourceError } from '../../../src/sync/source-error.js'
import { google } from '../../../src/sync/sources/google/google.js'
import { startApp } from '../../helpers/app.js'
import { ifDeepOnEachEngine } from '../../helpers/engines.js'
import { type Ending, FeedServer, feedItem, toAtom, toRss, toTable } from '../../helpers/feed-server.js'
import { requireEqual } from '../../helpers/properties.js'
import { runs } from '../../helpers/runs.js'

const items = Array.from({ length: 14 }, (_, i) =>
  feedItem(`item-${i}`, {
    item_group_id: i % 2 === 0 ? '' : `group-${i % 4}`,
    description: i % 3 === 0 ? 'Größe "L",\n<b>neu</b>' : '',
    size: String(i)
  })
)
const forms = {
  rss: toRss(items),
  atom: toAtom(items),
  tsv: toTable(items, '\t'),
  csv: toTable(items, ',')
}
type Form = keyof typeof forms

/** Returns whether a feed that ends here looks complete. */
function looksComplete(form: Form, start: Uint8Array): boolean {
  const text = Buffer.from(start).toString()
  if (form === 'rss' || form === 'atom') return text.trimEnd() === forms[form].trimEnd()
  const isBetweenLines = text.endsWith('\n') && (text.match(/"/g) ?? []).length % 2 === 0
  return isBetweenLines
}

async function read(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let records = 0
  const body = new DecompressedBody(chunks, 1_000_000)
  for await (const _ of google.read(body, { url: '', headers: {} }, { url: '', currency: 'EUR' })) records++
  return records
}

const BROKEN = 'the connection broke'

async function* send(bytes: Uint8Array, isBroken = false): AsyncGenerator<Uint8Array> {
  yield bytes
  if (isBroken) throw new Error(BROKEN)
}

/** Reads a feed. Returns the number of records, or why it cannot be read. */
const tryToRead = (chunks: AsyncIterable<Uint8Array>): Promise<number | string> =>
  read(chunks).catch((error: Error) => (error instanceof SourceError ? error.reason : error.message))

for (const form of Object.keys(forms) as Form[]) {
  t.test(`${form}: a feed that ends at any byte is an error`, async (t) => {
    const bytes = Buffer.from(forms[form])
    const whole = await read(send(bytes))
    const wrong: string[] = []
    let complete = 0
    for (let length = 0; length < bytes.length; length++) {
      const start = bytes.subarray(0, length)
      const broken = length % 5 === 0 ? await tryToRead(send(start, true)) : BROKEN
      if (broken !== BROKEN) wrong.push(`broken after ${length}: ${broken}`)
      const cut = await tryToRead(send(start))
      if (!looksComplete(form, start)) {
        if (cut !== 'invalid') wrong.push(`cut after ${length}: ${cut}`)
        continue
      }
      complete++
      // Only blanks are missing in XML. In a table, rows are.
      if (form === 'rss' || form === 'atom' ? cut !== whole : !(Number(cut) <= whole))
        wrong.push(`complete after ${length}: ${cut}`)
    }
    t.strictSame(wrong, [])
    t.ok(complete <= items.length + 5)
  })

  t.test(`${form}: a compressed feed that ends at any byte is an error`, async (t) => {
    const bytes = gzipSync(forms[form])
    const wrong: string[] = []
    for (let length = 0; length < bytes.length; length++) {
      const cut = await tryToRead(send(bytes.subarray(0, length)))
      if (cut !== 'invalid') wrong.push(`cut after ${length}: ${cut}`)
    }
    t.strictSame(wrong, [])
  })
}

ifDeepOnEachEngine('a truncated feed removes and changes no product', async (t) => {
  const server = await FeedServer.start(t)
  server.body = forms.rss
  const app = await startApp(t, { config: { sourceUrl: server.url, sourceKind: 'google' } })
  const count = (await app.request('/')).body.catalog.products
  t.equal(count, 9)
  const cases = fc.record({
    form: fc.constantFrom(...(Object.keys(forms) as Form[])),
    isCompressed: fc.boolean(),
    ending: fc.constantFrom<Ending>('complete', 'broken', 'closed'),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  })
  await fc.assert(
    fc.asyncProperty(cases, async ({ form, isCompressed, ending, at }) => {
      const bytes = isCompressed ? gzipSync(forms[form]) : Buffer.from(forms[form])
      const length = Math.floor(at * bytes.length)
      fc.pre(ending === 'broken' || isCompressed || !looksComplete(form, bytes.subarray(0, length)))
      server.truncate(bytes, length, ending)
      const result = await app.sync()
      requireEqual('failed' in result, true, result)
      requireEqual((await app.request('/')).body.catalog.products, count)
    }),
    // Each broken response takes seconds, because the service sends the request again.
    { numRuns: runs(6, 30) }
  )
  server.answer = undefined
  t.match(await app.sync(), { created: 0, updated: 0, deleted: 0 })
})

ifDeepOnEachEngine('a table that ends between two lines is limited by SYNC_MAX_LOSS', async (t) => {
  const alone = Array.from({ length: 30 }, (_, i) => feedItem(`item-${i}`))
  const server = await FeedServer.start(t, toTable(alone, ','))
  const app = await startApp(t, { config: { sourceUrl: server.url, sourceKind: 'google' } })
  server.body = toTable(alone.slice(0, 15), ',')
  t.match(await app.sync(), { failed: 'shrunk' })
  t.equal((await app.request('/')).body.catalog.products, 30)
})
