import t from 'tap'
import { OPTIONS_MAX, type ProductAttribute, VARIANTS_MAX } from '../../../schemas/variant.js'
import { SourceRecord } from '../../../src/sync/sources/source-record.js'
import { combineVariants } from '../../../src/sync/sources/source-variants.js'

const variant = (...options: ProductAttribute[]) => ({ options, price: 1, availability: 'in-stock' as const })
const size = (value: string) => ({ name: 'Size', value })
const color = (value: string) => ({ name: 'Color', value })

function combine(found: Parameters<typeof combineVariants>[2]) {
  const record = new SourceRecord({ variants: found })
  return { ...combineVariants(record, '/variants', found), dropped: record.reports.map(({ pointer }) => pointer) }
}

t.test('options have the values of all variants, in the order of their appearance', async (t) => {
  const { options, variants, dropped } = combine([
    variant(size('S'), color('red')),
    undefined,
    variant(color('blue'), size('M')),
    variant(size('S'), color('blue'))
  ])
  t.strictSame(options, [
    { name: 'Size', values: ['S', 'M'] },
    { name: 'Color', values: ['red', 'blue'] }
  ])
  t.equal(variants.length, 3)
  t.strictSame(dropped, [])
})

t.test('of variants with the same values, the first one counts', async (t) => {
  const found = [variant(size('S'), color('red')), variant(color('red'), size('S')), variant(size('S'))]
  const { variants, dropped } = combine(found)
  t.strictSame(variants, [found[0], found[2]])
  t.strictSame(dropped, ['/variants/1'])
})

t.test('names lose their colons, and values of nothing are left out', async (t) => {
  const { options } = combine([variant({ name: 'Size: EU', value: '38' }, size(''), { name: ' ', value: 'x' })])
  t.strictSame(options, [{ name: 'Size EU', values: ['38'] }])
})

t.test('variants and options above the limits are left out', async (t) => {
  const many = combine(Array.from({ length: VARIANTS_MAX + 50 }, (_, i) => variant(size(String(i)))))
  t.equal(many.variants.length, VARIANTS_MAX)
  t.equal(many.dropped.length, 50)
  t.equal(many.dropped[0], `/variants/${VARIANTS_MAX}`)
  const wide = combine([variant(...Array.from({ length: 9 }, (_, i) => ({ name: `Option ${i}`, value: 'x' })))])
  t.equal(wide.options.length, OPTIONS_MAX)
  t.equal(wide.variants[0]?.options.length, OPTIONS_MAX)
})

t.test('a single variant without options is the product itself', async (t) => {
  t.match(combine([variant()]), { options: [], variants: [] })
})
