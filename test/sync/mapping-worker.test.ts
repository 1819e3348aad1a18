import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { MappedBatch } from '../../src/sync/mapped-records.js'
import type { MappingJob } from '../../src/sync/mapping-thread.js'
import { mapPageInThread } from '../../src/sync/mapping-worker.js'
import { mascara, palette } from '../helpers/products.js'

const { signal } = new AbortController()
const job: MappingJob = {
  kind: 'dummyjson',
  settings: { url: 'http://source.example', currency: 'USD' },
  head: { url: 'http://source.example/products', headers: { 'content-type': 'application/json' } },
  bytes: 1_000_000
}

async function* send(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

/** Maps a body, and returns its batches and its end. */
async function map(body: AsyncIterator<Uint8Array>, stop = signal, what = job) {
  const batches: MappedBatch[] = []
  const { end } = await mapPageInThread(what, body, stop, async (batch) => {
    batches.push(batch)
  })
  return { batches, end }
}

const page = JSON.stringify({ products: [mascara, palette], total: 2 })
const emptyPage = '{"products":[],"total":0}'
/** A job that crashes the thread: a defect of the service, which no page can cause. */
const crash = { ...job, kind: 'none' as 'dummyjson' }

t.test('a worker thread maps several pages at a time, from chunks of any size', async (t) => {
  const bytes = Buffer.from(page)
  const results = await Promise.all([map(send(page)), map(send(...Array.from(bytes, (byte) => Buffer.of(byte))))])

  for (const { batches, end } of results) {
    t.equal(batches.length, 1)
    t.match(batches, [{ records: 2, rows: [{ externalId: '1' }, { externalId: '2' }] }])
    t.strictSame(end, { total: 2 })
  }
})

t.test('the thread waits until each batch is taken', async (t) => {
  const products = Array.from({ length: 250 }, (_, i) => ({ ...mascara, id: i + 1 }))
  const events: string[] = []

  await mapPageInThread(job, send(JSON.stringify({ products, total: 250 })), signal, async ({ records }) => {
    events.push(`start ${records}`)
    await new Promise((resolve) => setImmediate(resolve))
    events.push(`end ${records}`)
  })

  t.strictSame(events, ['start 100', 'end 100', 'start 100', 'end 100', 'start 50', 'end 50'])
})

t.test('the decompression of a body may ask for chunks while a batch is taken', async (t) => {
  const products = Array.from({ length: 250 }, (_, i) => ({ ...mascara, id: i + 1 }))
  const body = gzipSync(JSON.stringify({ products, total: 250 }))
  let open = 0
  const ids: string[] = []

  const { end } = await mapPageInThread(
    job,
    send(body, ...Array(20).fill(Buffer.alloc(1000))),
    signal,
    async (batch) => {
      t.equal(++open, 1, 'one batch at a time')
      await new Promise((resolve) => setImmediate(resolve))
      ids.push(...batch.rows.map(({ externalId }) => externalId))
      open--
    }
  )

  t.strictSame(end, { total: 250 })
  t.strictSame(
    ids,
    products.map(({ id }) => String(id))
  )
})

t.test('a thread that is stuck is ended, and the next page starts another one', async (t) => {
  const long = `[${'1,'.repeat(3_000_000)}1]`
  const stuck = mapPageInThread({ ...job, bytes: 100_000_000 }, send(long), signal, async () => {}, 1)
  await t.rejects(stuck, { name: 'SourceError', reason: 'timeout' })

  t.strictSame((await map(send(emptyPage))).end, { total: 0 })
})

t.test('a page of another kind is an error with a reason', async (t) => {
  await t.rejects(map(send('<html>')), {
    name: 'SourceError',
    reason: 'invalid',
    message: 'sync failed: the page is not JSON'
  })
})

t.test('errors of the body and of the receiver of batches end the page', async (t) => {
  await t.rejects(
    map(
      // biome-ignore lint/correctness/useYield: the body fails before its first chunk
      (async function* () {
        throw new Error('connection lost')
      })()
    ),
    { message: 'connection lost' }
  )
  const full = async () => {
    throw new Error('database full')
  }
  await t.rejects(mapPageInThread(job, send(page), signal, full), { message: 'database full' })
})

t.test('a signal ends the mapping of a page', async (t) => {
  const stop = new AbortController()
  const waiting = (async function* () {
    yield Buffer.from('{')
    stop.abort()
    yield Buffer.from('}')
  })()

  await t.rejects(map(waiting, stop.signal), { name: 'AbortError' })
  await t.rejects(map(send(page), stop.signal), { name: 'AbortError' })
})

t.test('a crash of the worker thread fails its pages, and the next page starts another thread', async (t) => {
  await t.rejects(map(send(page), signal, crash), {
    name: 'SourceError',
    reason: 'invalid',
    cause: { name: 'TypeError' }
  })

  t.strictSame((await map(send(emptyPage))).end, { total: 0 })
})

t.test('an idle worker thread ends, and the next page starts another one', async (t) => {
  const started: Worker[] = []
  const note = (worker: Worker) => started.push(worker)
  process.on('worker', note)
  t.teardown(() => process.off('worker', note))
  // A thread that earlier tests started is not among those noted, so it is replaced first.
  await t.rejects(map(send(page), signal, crash))
  await map(send(emptyPage))
  await map(send(emptyPage))
  t.equal(started.length, 1)

  const [worker] = started as [Worker]
  const exited = once(worker, 'exit')
  // An idle thread does not keep the process alive by itself.
  worker.ref()
  await exited
  await map(send(emptyPage))
  t.equal(started.length, 2)
})
