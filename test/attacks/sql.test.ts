/* SQL injection, on both engines. */
import { sql } from 'kysely'
import { openDatabase } from '../../src/store/open-database.js'
import { startApp } from '../helpers/app.js'
import { Attacker } from '../helpers/attacker.js'
import { onOneEngine } from '../helpers/engines.js'
import { mug } from '../helpers/local-products.js'
import { mascara, palette } from '../helpers/products.js'

const statements = [
  "' or '1'='1",
  "' or 1=1 --",
  "') or ('a'='a",
  '" or ""="',
  "'; drop table product; --",
  "'; drop table account; select '",
  '1; drop table product',
  '1 or 1=1',
  "1' union select username, password_hash from account --",
  "' union all select private_key from signing_key --",
  "'; update account set role = 'admin'; --",
  "'; insert into account values ('eve','x','admin','','') --",
  "x' || (select password_hash from account) || '",
  "' and (select pg_sleep(5)) is null --",
  "'; select pg_sleep(5); --",
  "' and randomblob(500000000) --",
  "'; attach database '/tmp/evil.db' as evil; --",
  "'; copy account to program 'id'; --",
  '$$; drop table product; $$',
  "\\'; drop table product; --",
  '%27%20or%201=1',
  "' /*!or*/ 1=1 #",
  '{"$gt":""}',
  // Operators of full-text search.
  'title:mascara OR NOT x',
  'NEAR(mascara palette, 5)',
  '"mascara',
  'mascara*',
  '^mascara',
  '{title} : x',
  'a & b | !c <-> d:*',
  'mascara) OR (1',
  '% _ \\',
  "'':*",
  '-"a" +b'
]

/** Time that injected statements with a sleep would take, in milliseconds. */
const SLEEP = 5000

onOneEngine('no text is executed as SQL', async (t, engine) => {
  const app = await startApp(t, { products: [mascara, palette], config: { trustProxy: ['127.0.0.1'] } })
  const attacker = await Attacker.create(t, app)
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  /** Returns the data that an attacker would change. This test itself does not write it. */
  const state = async () => ({
    accounts: await database.read.selectFrom('account').selectAll().execute(),
    keys: await database.read.selectFrom('signing_key').selectAll().execute(),
    products: await database.read.selectFrom('product').select(['id', 'sku']).where('id', '<', 1_000_000_000).execute(),
    texts: await database.read.selectFrom('product_text').selectAll().where('id', '<', 1_000_000_000).execute(),
    tables: (
      await (engine === 'SQLite'
        ? sql<{ name: string }>`select name from sqlite_master where type = 'table' order by name`
        : sql<{
            name: string
          }>`select table_name as name from information_schema.tables where table_schema = 'public' order by 1`
      ).execute(database.read)
    ).rows
  })
  const before = await state()
  t.ok(before.tables.length > 8)
  const everything = (await app.request('/products')).body.total
  const json = { 'content-type': 'application/json' }

  for (const [i, statement] of statements.entries()) {
    const text = encodeURIComponent(statement)
    for (const name of [
      'q',
      'category',
      'brand',
      'tag',
      'availability',
      'ids',
      'sort',
      'cursor',
      'facets',
      'limit',
      'offset',
      'minPrice'
    ]) {
      for (const path of ['/products', '/products/export']) {
        const { status, body } = await attacker.send({ path: `${path}?${name}=${text}` })
        // A search may match words of the text. A filter must match nothing.
        if (name !== 'q' && status === 200 && path === '/products') t.equal(body.total, 0, `${name}: ${i}`)
      }
    }
    for (const path of [
      `/products/${text}`,
      `/products/1%20${text}`,
      `/products/1/history?before=${text}`,
      `/changes?after=${text}`
    ]) {
      t.equal((await attacker.send({ path })).status, 400, path)
    }
    for (const path of ['/products/1', '/products/1/edits']) {
      const { status } = await attacker.send({ method: 'DELETE', path, headers: { 'if-match': statement } })
      t.equal(status, 412, `${path}: ${i}`)
    }
    await attacker.send({ path: '/changes', headers: { 'last-event-id': statement, accept: 'text/event-stream' } })
    await attacker.send({ path: '/products', headers: { 'if-none-match': statement } })

    // Exactly the stored text finds the product.
    const product = { ...mug, sku: statement, title: statement, brand: statement, tags: [statement] }
    const key = statement.replaceAll(' ', '_')
    const first = await attacker.send({
      method: 'POST',
      path: '/products',
      headers: { ...json, 'idempotency-key': key },
      body: JSON.stringify(product)
    })
    const again = await attacker.send({
      method: 'POST',
      path: '/products',
      headers: { ...json, 'idempotency-key': key },
      body: JSON.stringify(product)
    })
    t.equal(first.status, 201, `created with an idempotency key: ${i}`)
    t.equal(again.body.id, first.body.id, `not created twice: ${i}`)
    const twice = await attacker.send({
      method: 'POST',
      path: '/products',
      headers: json,
      body: JSON.stringify(product)
    })
    t.equal(twice.status, 409, `the SKU is already in use: ${i}`)
    const found = await attacker.send({ path: `/products?brand=${text}` })
    t.strictSame(
      found.body.products.map(({ id }: { id: number }) => id),
      [first.body.id],
      `found by its brand: ${i}`
    )
    const rows = `${JSON.stringify({ sku: statement, stock: 5 })}\n${JSON.stringify({ sku: `${statement}x`, id: statement })}\n`
    await attacker.send({
      method: 'POST',
      path: '/products/import?mode=each',
      headers: { 'content-type': 'application/x-ndjson' },
      body: rows
    })

    for (const credentials of [
      { username: statement, password: 'a password' },
      { username: 'admin', password: statement }
    ]) {
      const { status } = await attacker.send({
        method: 'POST',
        path: '/auth',
        headers: { ...json, authorization: '' },
        body: JSON.stringify(credentials)
      })
      t.ok([400, 401, 429].includes(status), `signing in: ${i}`)
    }
  }

  attacker.check(t)
  t.ok(attacker.slowest < SLEEP, `the slowest response took ${attacker.slowest} ms`)
  t.strictSame(await state(), before)
  t.equal((await app.request('/products')).body.total, everything + statements.length)
})
