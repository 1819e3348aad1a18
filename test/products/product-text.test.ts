import t from 'tap'
import { createProduct } from '../../src/products/edits.js'
import { normalizeProduct, normalizeStored, normalizeTexts } from '../../src/products/product-text.js'
import type { UnsavedProduct } from '../../src/products/stored-product.js'
import { mug } from '../helpers/local-products.js'

const stored: UnsavedProduct = createProduct(
  1_000_000_000,
  { ...mug, brand: 'Clay' },
  'USD',
  '2026-01-01T00:00:00.000Z'
)
const base = stored.base as NonNullable<UnsavedProduct['base']>

t.test('the text of all fields is normalized, and other values stay as they are', async (t) => {
  const values = {
    id: '1 ',
    price: ' 1',
    stock: 2,
    category: 'a ',
    thumbnail: ' x',
    dimensions: { width: ' ' },
    unknown: ' ',
    brand: null
  }
  t.strictSame(normalizeTexts(values), values)
  t.strictSame(
    normalizeTexts({
      title: ' a  b ',
      sku: 'می\u200cخ',
      description: ' a  b ',
      tags: [' a ', 1, [' b ']],
      reviews: [{ comment: ' a', rating: 1 }, ' a']
    }),
    {
      title: 'a b',
      sku: 'میخ',
      description: 'a  b',
      tags: ['a', 1, ['b']],
      reviews: [{ comment: 'a', rating: 1 }, ' a']
    }
  )
})

t.test('a normalized product has no empty brand and no empty or repeated tags', async (t) => {
  const normalized = normalizeProduct({ ...base, brand: ' ', tags: ['a', ' ', 'a ', 'b'] })
  t.strictSame(normalized.tags, ['a', 'b'])
  t.notOk('brand' in normalized)
  t.strictSame(Object.keys(normalizeProduct(base)), Object.keys(base), 'in the same order, because hashes depend on it')
})

t.test('a stored product whose text is normal stays the same object', async (t) => {
  t.equal(normalizeStored(stored), stored)
  const gone = { ...stored, base: undefined, edits: { title: 'T', brand: null } }
  t.equal(normalizeStored(gone), gone)
})

t.test('a stored title of invisible characters becomes the SKU or the id', async (t) => {
  t.equal(normalizeStored({ ...stored, base: { ...base, title: '\u200b' } }).base?.title, 'MUG-001')
  t.equal(normalizeStored({ ...stored, base: { ...base, title: '\u200b', sku: '\u200b' } }).base?.title, '1000000000')
})

t.test('edits are normalized, and those that would empty a required field are dropped', async (t) => {
  const edits = { title: '\u200b', sku: ' ', brand: '\u3000', tags: ['a', ' '], description: ' d', stock: 1 }
  t.strictSame(normalizeStored({ ...stored, edits }).edits, { brand: null, tags: ['a'], description: 'd', stock: 1 })
  t.strictSame(normalizeStored({ ...stored, edits: { title: ' T ', sku: 'S ' } }).edits, { title: 'T', sku: 'S' })
})
