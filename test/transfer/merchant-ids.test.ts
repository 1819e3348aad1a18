import t from 'tap'
import type { ProductVariant } from '../../schemas/variant.js'
import { toVariantIds } from '../../src/transfer/merchant-ids.js'

const variant = (size: string, more: Partial<ProductVariant> = {}): ProductVariant => ({
  options: [{ name: 'Size', value: size }],
  price: 1,
  availability: 'in-stock',
  ...more
})
const toIds = (...variants: ProductVariant[]) => toVariantIds({ id: 1_999_999_999, variants })
const hashed = /^1999999999-[0-9a-f]{16}$/

t.test('the id of a variant at its source counts, and else its SKU', async (t) => {
  t.strictSame(toIds(variant('S', { externalId: '8137960948015', sku: 'A' }), variant('M', { sku: 'TEE-M_1' })), [
    '1999999999-8137960948015',
    '1999999999-TEE-M_1'
  ])
})

t.test('other ids become a hash, so that all have at most 50 characters', async (t) => {
  const ids = toIds(
    variant('S', { externalId: 'gid://shop/1' }),
    variant('M', { sku: 'x'.repeat(39) }),
    variant('L', { sku: 'größe' }),
    variant('XL', { sku: 'x'.repeat(38) })
  )
  for (const id of ids.slice(0, 3)) t.match(id, hashed)
  t.equal(ids[3]?.length, 49)
  t.equal(new Set(ids).size, 4)
})

t.test('variants without an id, or with the same one, are told apart by their options', async (t) => {
  const variants = [variant('S', { sku: 'a' }), variant('M', { sku: 'A' }), variant('L'), variant('XL', { sku: 'b' })]
  const ids = toIds(...variants)
  t.equal(new Set(ids).size, 4)
  for (const id of ids.slice(0, 3)) t.match(id, hashed)
  t.strictSame(toIds(...variants.toReversed()), ids.toReversed(), 'the order does not matter')
  const [first = variant('S')] = variants
  t.equal(toIds({ ...first, price: 2 }, ...variants.slice(1))[0], ids[0], 'nor do other fields')
  t.strictSame(toIds(variant('M', { sku: 'A' })), ['1999999999-A'], 'without the variant that shares its SKU')
  const color = { name: 'Color', value: 'red' }
  const options = [...first.options, color]
  t.strictSame(toIds(variant('S', { options })), toIds(variant('S', { options: options.toReversed() })))
})
