import t from 'tap'
import type { ProductVariant } from '../../schemas/variant.js'
import { InconsistentProductError } from '../../src/products/errors.js'
import { deriveFromVariants, requireConsistentVariants } from '../../src/products/variants.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { mug, tee } from '../helpers/local-products.js'
import { mascara } from '../helpers/products.js'

const variant = (changes: Partial<ProductVariant> = {}): ProductVariant => ({
  options: [],
  price: 10,
  availability: 'out-of-stock',
  ...changes
})

const create = (app: TestApp, json: object) => app.request('/products', { method: 'POST', json })
const patch = (app: TestApp, id: number, json: object) =>
  app.request(`/products/${id}`, { method: 'PATCH', json, headers: { 'if-match': '*' } })
const size = (value: string, price: number) => ({ options: [{ name: 'Size', value }], price })
const sizes = [{ name: 'Size', values: ['S', 'M'] }]

t.test(
  'a product has the lowest price, the sum of the known stock and the best availability of its variants',
  async (t) => {
    t.equal(deriveFromVariants([]), undefined)
    t.strictSame(
      deriveFromVariants([
        variant({ price: 12, stock: 3, availability: 'backorder' }),
        variant({ price: 9.5, availability: 'low-stock' }),
        variant({ price: 30, stock: 4, availability: 'preorder' })
      ]),
      { price: 9.5, salePrice: undefined, stock: 7, availability: 'low-stock' }
    )
    t.match(deriveFromVariants([variant(), variant()]), { stock: undefined, availability: 'out-of-stock' })
    t.equal(
      deriveFromVariants(Array(2).fill(variant({ stock: 2_000_000_000 })))?.stock,
      2_147_483_647,
      'still an int32'
    )
  }
)

t.test(
  'the sale price of a product is the lowest price of its variants, if that is below their lowest regular price',
  async (t) => {
    const saleOf = (...variants: ProductVariant[]) => deriveFromVariants(variants)?.salePrice
    t.equal(saleOf(variant({ price: 10 }), variant({ price: 20, salePrice: 8 })), 8)
    t.equal(saleOf(variant({ price: 10 }), variant({ price: 20, salePrice: 15 })), undefined)
    t.equal(saleOf(variant({ price: 10, salePrice: 12 })), undefined)
  }
)

t.test('options and variants must agree', async (t) => {
  const S = { name: 'Size', value: 'S' }
  const red = { name: 'Color', value: 'red' }
  const options = [...sizes, { name: 'Color', values: ['red', 'blue'] }]
  const fail = (pointer: string, reason: string, invalid: Parameters<typeof requireConsistentVariants>[0]) =>
    t.throws(() => requireConsistentVariants(invalid), new InconsistentProductError(pointer, reason))
  requireConsistentVariants({
    options,
    variants: [variant({ options: [S, red] }), variant({ options: [red] }), variant()]
  })
  fail('/options/1/name', 'must not occur twice (got "Size")', { options: [...sizes, ...sizes], variants: [] })
  fail('/options/0/values/1', 'must not occur twice (got "S")', {
    options: [{ name: 'Size', values: ['S', 'S'] }],
    variants: []
  })
  fail('/variants/1/options/0/name', 'must be the name of an option (got "Color")', {
    options: sizes,
    variants: [variant(), variant({ options: [red] })]
  })
  fail('/variants/0/options/0/value', 'must be a value of the option "Size" (got "red")', {
    options,
    variants: [variant({ options: [{ name: 'Size', value: 'red' }] })]
  })
  fail('/variants/0/options/1/name', 'must not occur twice (got "Size")', {
    options,
    variants: [variant({ options: [S, { name: 'Size', value: 'M' }] })]
  })
  fail('/variants/1/options', 'has the same values as /variants/0', {
    options,
    variants: [variant({ options: [S, red] }), variant({ options: [red, S] })]
  })
})

onOneEngine('a product is found by the SKU and the barcode of a variant, and by each value of an option', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { status, body } = await create(app, tee)
  t.equal(status, 201)
  t.match(body, { price: 15, stock: 12, availability: 'in-stock' })
  t.match(body.variants, [{ availability: 'out-of-stock' }, { availability: 'in-stock' }, { price: 17.01 }])
  t.strictSame((await app.request(`/products/${body.id}`)).body, body)

  for (const query of [
    'q=TEE-001-M-R',
    'q=tee001mr',
    'q=5901234123457',
    'q=5901 2341',
    'q=navy',
    'q=waterproof',
    'attribute=Size:XL',
    'attribute=Size:M&attribute=Size:nothing&attribute=Color:red',
    'attribute=Material: organic%20%20cotton%20',
    'minPrice=15&maxPrice=15'
  ]) {
    t.match((await app.request(`/products?${query}`)).body, { total: 1, products: [{ id: body.id }] }, query)
  }
  for (const query of ['attribute=Size:L', 'attribute=Size:M&attribute=Color:green', 'attribute=Siz:M', 'q=gid'])
    t.equal((await app.request(`/products?${query}`)).body.total, 0, query)
  const [product] = (await app.request('/products?q=tee')).body.products
  for (const name of ['attributes', 'options', 'variants']) t.notOk(name in product, `a summary has no ${name}`)
})

onOneEngine('the facet of an option counts a product once, however many variants have the value', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  await create(app, tee)
  await create(app, { ...mug, attributes: [{ name: 'Color', value: 'red' }] })
  const ask = async (query: string) =>
    (await app.request(`/products?facets=attribute.Color&${query}`)).body.facets.attributes
  const [red, blue] = [
    { value: 'red', count: 2 },
    { value: 'navy blue', count: 1 }
  ]
  t.strictSame(await ask(''), [{ name: 'Color', values: [red, blue] }])
  t.strictSame(await ask('attribute=Color:navy%20blue'), [{ name: 'Color', values: [red, blue] }], 'ignores its filter')
  t.strictSame(await ask('attribute=Size:S&facets=attribute.%20Nothing'), [
    { name: 'Color', values: [blue, { ...red, count: 1 }] },
    { name: 'Nothing', values: [] }
  ])
  for (const facet of ['color', 'attribute.', 'attribute. ', 'attribute.a:b'])
    t.equal((await app.request(`/products?facets=${facet}`)).status, 400, facet)
  for (const filter of ['Color', ':red'])
    t.equal((await app.request(`/products?attribute=${filter}`)).status, 400, filter)
})

onOneEngine('other values than those that follow from the variants are rejected', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const problem = (pointer: string) => ({
    status: 422,
    body: { type: /inconsistent-product$/, errors: [{ in: 'body', pointer }] }
  })
  t.match(await create(app, { ...tee, price: 14 }), problem('/price'))
  t.match(await create(app, { ...tee, stock: 13 }), problem('/stock'))
  t.match(await create(app, { ...tee, salePrice: 1 }), problem('/salePrice'))
  t.match(await create(app, { ...tee, options: [] }), problem('/variants/0/options/0/name'))
  t.equal((await app.request('/products')).body.total, 1)
  const { id } = (await create(app, { ...tee, stock: 12, availability: 'in-stock' })).body

  t.match(await patch(app, id, { price: 14 }), problem('/price'))
  t.match(await patch(app, id, { stock: null }), problem('/stock'))
  t.match(await patch(app, id, { options: [] }), problem('/variants/0/options/0/name'))
  t.match(await patch(app, id, { variants: [size('L', 1)] }), problem('/variants/0/options/0/value'))
  const both = await patch(app, id, { variants: [size('M', 8)], price: 8 })
  t.match(both, { status: 200, body: { price: 8, availability: 'out-of-stock' } })
  t.notOk('stock' in both.body)
})

onOneEngine('options and variants of an editor stay together, and the rest follows the source', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  await patch(app, 1, { price: 5 })
  const edited = await patch(app, 1, { options: sizes, variants: [size('S', 7), { ...size('M', 8), stock: 2 }] })
  t.match(edited.body, { price: 7, stock: 2, availability: 'in-stock', edited: ['options', 'variants'] })
  const variants = edited.body.variants

  app.source.products = [{ ...mascara, price: 99, stock: 55, title: 'Renamed' }]
  await app.sync()
  t.match((await app.request('/products/1')).body, { title: 'Renamed', price: 7, stock: 2, variants })
  const repriced = await patch(app, 1, { variants: variants.map((one: ProductVariant) => ({ ...one, price: 6 })) })
  t.strictSame(repriced.body.edited, ['options', 'variants'])
  const [{ changes }] = (await app.request('/products/1/history')).body.history
  t.strictSame(
    changes.map(({ field }: { field: string }) => field),
    ['price', 'variants']
  )
  const { body: feed } = await app.request('/changes')
  t.strictSame(feed.changes.at(-1).fields, ['price', 'variants'])

  const without = await patch(app, 1, { options: [], variants: [] })
  t.match(without.body, { price: 5, stock: 55, edited: ['price'] }, 'the values of before')
  const reverted = await app.request('/products/1/edits', { method: 'DELETE', headers: { 'if-match': '*' } })
  t.match(reverted.body, { price: 99, options: [], variants: [], edited: [] })
})

onOneEngine('a sale of variants has the period of the product', async (t) => {
  const app = await startApp(t)
  const variants = [{ ...size('S', 20), salePrice: 8 }, size('M', 10)]
  const period = { salePriceUntil: '2099-01-01T00:00:00Z' }
  const { body } = await create(app, { ...mug, price: 10, options: sizes, variants, ...period })
  t.match(body, { price: 10, salePrice: 8, onSale: true, discountPercentage: 20 })
  t.equal((await app.request('/products?maxPrice=8&onSale=true')).body.total, 1)
  t.match((await patch(app, body.id, { salePriceUntil: '2020-01-01T00:00:00Z' })).body, { salePrice: 8, onSale: false })
  const regular = await patch(app, body.id, { variants: [size('S', 20), size('M', 10)] })
  t.match(regular.body, { price: 10, discountPercentage: 0 })
  t.notOk('salePrice' in regular.body || 'onSale' in regular.body)
})
