/* The service with a file as its source. */
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { SourceFile } from '../../src/sync/source-file.js'
import { defaultLimits } from '../../src/sync/source-limits.js'
import { startApp } from '../helpers/app.js'
import { onEachEngine } from '../helpers/engines.js'
import { createFolder } from '../helpers/folder.js'
import { sourceProduct } from '../helpers/products.js'

const page = (...ids: number[]) => JSON.stringify({ products: ids.map((id) => sourceProduct(id)), total: ids.length })

onEachEngine('a file is read again when it has changed', async (t) => {
  const path = join(createFolder(t), 'products.json')
  await writeFile(path, page(1, 2))
  const app = await startApp(t, { config: { sourceUrl: pathToFileURL(path).href } })
  t.match((await app.request('/products')).body, { total: 2 })

  t.match(await app.sync(), { created: 0, updated: 0, deleted: 0 })
  // As a program that exports products should do it.
  await writeFile(`${path}.new`, gzipSync(page(2, 3, 4)))
  await rename(`${path}.new`, path)
  t.match(await app.sync(), { created: 2, updated: 0, deleted: 1 })

  await writeFile(path, page(2, 3, 4).slice(0, -20))
  t.match(await app.sync(), { failed: 'invalid' })
  await rm(path)
  t.match(await app.sync(), { failed: 'refused', message: /cannot be read: ENOENT/ })
  t.match((await app.request('/products')).body, { total: 3 }, 'the products stay')
})

const request = (path: string) => ({ url: pathToFileURL(path).href })

t.test('a file that has not changed is not read', async (t) => {
  const path = join(t.testdir({ 'feed.xml': '<rss/>' }), 'feed.xml')
  const file = new SourceFile()
  const budget = file.createBudget(new AbortController().signal)
  const etag = await file.request(request(path), budget, async ({ etag, head }) => {
    t.equal(head.headers['content-type'], 'application/xml')
    return etag
  })
  t.type(etag, 'string')
  t.equal(await file.request(request(path), budget, async () => t.fail('is not read'), etag), undefined)
})

t.test('a file that changes while it is read is rejected', async (t) => {
  const path = join(t.testdir({ 'feed.csv': 'a' }), 'feed.csv')
  const file = new SourceFile()
  const budget = file.createBudget(new AbortController().signal)
  const write = () => writeFile(path, 'ab')
  await t.rejects(file.request(request(path), budget, write), { reason: 'invalid', message: /changed while/ })
})

t.test('a file above the size limit, a folder and a stopped reading are errors', async (t) => {
  const folder = t.testdir({ 'feed.csv': 'abc' })
  const read = async (path: string, stop = new AbortController().signal, bytes = defaultLimits.bytes) => {
    const file = new SourceFile({ bytes })
    const budget = file.createBudget(stop)
    return await file.request(request(path), budget, async ({ body }) => (await body.next()).value)
  }
  const path = join(folder, 'feed.csv')
  t.equal(String(await read(path)), 'abc')
  await t.rejects(read(path, undefined, 2), { reason: 'too-large', message: /SOURCE_MAX_BYTES/ })
  await t.rejects(read(folder), { reason: 'refused', message: /regular file/ })
  await t.rejects(read(path, AbortSignal.abort()), { name: 'AbortError' })
})

t.test('a file system that stalls ends the reading', async (t) => {
  const path = join(t.testdir({ 'feed.csv': 'a'.repeat(50_000_000) }), 'feed.csv')
  // The time for the whole file is over before its first bytes arrive.
  const file = new SourceFile({ total: 0, rate: Number.POSITIVE_INFINITY })
  const budget = file.createBudget(new AbortController().signal)
  const read = file.request(request(path), budget, async ({ body }) => {
    while (!(await body.next()).done);
  })
  await t.rejects(read, { name: 'SourceError', reason: 'timeout' })
})
