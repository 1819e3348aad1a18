import t from 'tap'
import { SourceError } from '../../../../src/sync/source-error.js'
import { toAddress } from '../../../../src/sync/sources/catalog/catalog-address.js'

t.test('the address may be that of an instance, in a folder or not, or of its products', async (t) => {
  for (const [url, expected] of [
    ['https://catalog.example', 'https://catalog.example/changes?after=7'],
    ['https://catalog.example/products', 'https://catalog.example/changes?after=7'],
    ['https://example.com/shop', 'https://example.com/shop/changes?after=7'],
    ['https://example.com/shop/products', 'https://example.com/shop/changes?after=7']
  ] as const)
    t.equal(toAddress({ url }, '/changes', { after: '7' }), expected)
  t.equal(toAddress({ url: 'https://example.com/shop' }, '/'), 'https://example.com/shop/')
  t.throws(
    () => toAddress({ url: 'https://catalog.example/products?brand=a' }, '/'),
    new SourceError('invalid', {
      detail: 'the SOURCE_URL of another instance must not have a query, because the service reads all of its products'
    })
  )
})
