import t from 'tap'
import {
  toListAddress,
  toVariationsAddress,
  usesKeys
} from '../../../../src/sync/sources/woocommerce/woocommerce-address.js'
import { mapStoreProduct } from '../../../../src/sync/sources/woocommerce/woocommerce-mapping.js'
import { mapRestProduct } from '../../../../src/sync/sources/woocommerce/woocommerce-rest-mapping.js'
import { restProducts, storeProducts } from '../../../helpers/woocommerce-shop.js'

const QUERY = 'per_page=100&orderby=id&order=asc'
const withoutFields = ({ href }: URL) => href.replace(/_fields=[^&]*&/, '')
const settings = (url: string, hasAuth = false) => ({ url, hasAuth, currency: 'USD' })

t.test('the address may be that of a shop or of a list', async (t) => {
  const store = `https://shop.example/wp-json/wc/store/v1/products?${QUERY}`
  for (const [url, list] of [
    ['https://shop.example', store],
    ['https://shop.example/wp-json', store],
    ['https://shop.example/wp-json/wc/store/v1', store],
    ['https://shop.example/wp-json/wc/store/v1/products', store],
    ['https://shop.example/store', `https://shop.example/store/wp-json/wc/store/v1/products?${QUERY}`],
    [
      'https://shop.example/wp-json/wc/store/v1/products?category=22',
      `https://shop.example/wp-json/wc/store/v1/products?category=22&${QUERY}`
    ],
    [
      'https://shop.example/wp-json/wc/v3/products?status=publish',
      `https://shop.example/wp-json/wc/v3/products?status=publish&${QUERY}`
    ],
    ['https://shop.example/wp-json/wc/v3', `https://shop.example/wp-json/wc/v3/products?${QUERY}&status=any`],
    [
      'https://shop.example/?rest_route=/wc/store/v1/products',
      `https://shop.example/?rest_route=%2Fwc%2Fstore%2Fv1%2Fproducts&${QUERY}`
    ]
  ] as const)
    t.equal(withoutFields(toListAddress(settings(url))), list)
})

t.test('credentials choose the REST API, unless the address names the Store API', async (t) => {
  for (const [url, isRest] of [
    ['https://shop.example', true],
    ['https://shop.example/wp-json/wc/store/v1/products', false],
    ['https://shop.example/wp-json/wc/v3/products', true]
  ] as const)
    t.equal(usesKeys(settings(url, true)), isRest)
  t.equal(
    withoutFields(toListAddress(settings('https://shop.example', true))),
    `https://shop.example/wp-json/wc/v3/products?${QUERY}&status=any`
  )
})

t.test('requests for variations keep the keys, and leave out what selects products', async (t) => {
  for (const [list, variations] of [
    [
      'https://shop.example/wp-json/wc/v3/products?consumer_key=a&status=any&category=22&page=3',
      'https://shop.example/wp-json/wc/v3/variations?consumer_key=a&per_page=100&include=4%2C5'
    ],
    [
      'https://shop.example/?rest_route=/wc/store/v1/products&page=2',
      'https://shop.example/?rest_route=%2Fwc%2Fstore%2Fv1%2Fproducts&type=variation&per_page=100&include=4%2C5'
    ],
    [
      'https://shop.example/?rest_route=/wc/v3/products&page=2',
      'https://shop.example/?rest_route=%2Fwc%2Fv3%2Fvariations&per_page=100&include=4%2C5'
    ]
  ] as const) {
    const { href } = toVariationsAddress(list, [4, 5])
    t.equal(href, variations)
    t.equal(toVariationsAddress(href, [4, 5]).href, variations, 'also from an address of variations')
  }
})

t.test('the requested fields are all that the mappings read', async (t) => {
  for (const [hasAuth, products, map] of [
    [false, storeProducts, mapStoreProduct],
    [true, restProducts, mapRestProduct]
  ] as const) {
    const all = settings('https://shop.example', hasAuth)
    const fields = toListAddress(all).searchParams.get('_fields')?.split(',') ?? []
    for (const product of products) {
      const requested = Object.fromEntries(Object.entries(product).filter(([name]) => fields.includes(name)))
      t.strictSame(map(requested, all), map(product, all))
      t.ok(Object.keys(requested).length < Object.keys(product).length)
    }
  }
})
