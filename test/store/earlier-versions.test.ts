import { LOCAL } from '../../src/products/stored-product.js'
import { ChangeStore } from '../../src/store/change-store.js'
import { readEarlierVersions } from '../../src/store/earlier-versions.js'
import { openDatabase } from '../../src/store/open-database.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { onEachEngine } from '../helpers/engines.js'
import { mascara, palette, sourceProduct } from '../helpers/products.js'

const patch = async (app: TestApp, id: number, json: object) => {
  await app.request(`/products/${id}`, { method: 'PATCH', json, headers: { 'if-match': '*' } })
  return (await app.request('/')).body.catalog.revision as number
}
const read = async (app: TestApp, id: number) => (await app.request(`/products/${id}`)).body

onEachEngine('earlier versions of products are restored from the changes since then', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const versions = [await read(app, 1)]
  const revisions = [2]
  // Together, these changes have more bytes than one query reads.
  const images = (i: number) =>
    Array.from({ length: 100 }, (_, k) => `https://images.example/${i}/${k}/`.padEnd(2000, 'x'))
  for (let i = 0; i < 20; i++) {
    const changes = i % 2 ? { images: images(i), brand: null } : { price: i + 1, brand: `B${i}` }
    revisions.push(await patch(app, 1, changes))
    versions.push(await read(app, 1))
  }
  await patch(app, 2, { price: 1 })
  const product = versions.at(-1)
  const wanted = revisions.map((revision) => ({ product, revision }))

  const restored = await readEarlierVersions(database.read, 2, wanted)

  t.equal(restored.length, versions.length)
  for (const [i, version] of restored.entries()) t.strictSame(JSON.parse(JSON.stringify(version)), versions[i])
  t.strictSame(await readEarlierVersions(database.read, 2, []), [])
})

onEachEngine('a version is unknown if the log does not have all changes since then', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const find = async (id: number, revision: number, source: number | undefined = 2) =>
    (await readEarlierVersions(database.read, source, [{ product: await read(app, id), revision }]))[0]
  await patch(app, 1, { price: 5 })
  t.match(await find(1, 2), { price: 9.99 })
  t.match(await find(1, 3), { price: 5 })
  t.equal(await find(1, 4), undefined, 'the future')
  t.match(await find(1, 2, LOCAL), { price: 5 }, 'changes of other sources do not count')

  app.source.products = [mascara]
  await app.sync()
  app.source.products = [mascara, sourceProduct(2, { price: 1 })]
  await app.sync()
  t.equal(await find(2, 3), undefined, 'it was removed and created again')
  t.match(await find(2, 5), { price: 1 })

  await new ChangeStore(database).prune('9', '9')
  t.equal(await find(1, 2), undefined, 'the change has expired')
  t.match(await find(1, 5), { price: 5 })
})
