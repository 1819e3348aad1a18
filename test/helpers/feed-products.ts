import { tee } from './local-products.js'

/** The value of an option, or an attribute. */
export const choice = (name: string, value: string) => ({ name, value })
/** A local product. */
export const local = (sku: string, more: object = {}) => ({
  sku,
  title: `Product ${sku}`,
  category: 'beauty',
  price: 20,
  ...more
})
const shirt = {
  ...local('SHIRT'),
  price: 23,
  description: 'Line one\n\n  indented\tand <b>not bold</b> &amp; more',
  images: Array.from({ length: 14 }, (_, i) => `https://images.example/shirt/${i},a.webp?a=1&b=2`),
  brand: 'A & B "Co"',
  mpn: 'M-1',
  barcode: '4006381333931',
  condition: 'refurbished',
  url: 'https://shop.example/shirt?a=1&b=2',
  tags: ['summer, sale', '"new"', 'a:b', 'x'],
  weight: 0.35,
  dimensions: { width: 30, height: 2.5, depth: 40.123456 },
  attributes: [
    choice('Care', 'wash at 30°, no bleach'),
    choice('Ratio', '16:9, "wide"'),
    choice('Size, cm', '30'),
    choice('Material', 'cotton'),
    choice('material', 'linen'),
    choice('gender', 'anyone'),
    choice('Age group', 'adult')
  ],
  options: [
    { name: 'Size', values: ['S', 'M', 'XL', 'never used'] },
    { name: 'Flavor, taste', values: ['sweet: very', 'sour, "dry"'] }
  ],
  variants: [
    {
      sku: 'SHIRT-S',
      barcode: '0036000291452',
      options: [choice('Size', 'S'), choice('Flavor, taste', 'sweet: very')],
      price: 25,
      salePrice: 19.5,
      stock: 3,
      image: 'https://images.example/shirt/s.webp'
    },
    {
      externalId: 'gid://shop/9007199254740993',
      barcode: 'not a GTIN',
      options: [choice('Size', 'M'), choice('Flavor, taste', 'sour, "dry"')],
      price: 24,
      salePrice: 24,
      availability: 'preorder'
    },
    { sku: 'shirt-s', options: [choice('Size', 'XL')], price: 23, stock: 0 },
    { options: [choice('Flavor, taste', 'sweet: very')], price: 30, availability: 'low-stock' }
  ],
  salePriceFrom: '2020-01-01T00:00:00.000Z',
  salePriceUntil: '2099-12-31T22:59:59.999Z'
}
/** Local products with everything that a merchant feed can carry, and with what it leaves out. */
export const richProducts = [
  shirt,
  tee,
  local('SALE-OPEN', { salePrice: 9.99, stock: 5 }),
  local('SALE-FROM', { salePrice: 9.99, salePriceFrom: '2090-01-01T00:00:00.000Z', availability: 'backorder' }),
  local('SALE-UNTIL', { salePrice: 9.99, salePriceUntil: '2090-01-01T00:00:00.000Z', availability: 'in-stock' }),
  local('SALE-NONE', { salePrice: 30, salePriceFrom: '2020-01-01T00:00:00.000Z' }),
  local('ONE-OPTION', {
    price: 5,
    options: [{ name: 'COLOUR', values: ['red'] }],
    attributes: [choice('Color', 'blue')],
    variants: [{ sku: 'ONE', options: [choice('COLOUR', 'red')], price: 5, stock: 1 }]
  }),
  local('ONE-VARIANT', { price: 5, variants: [{ barcode: '96385074', options: [], price: 5, stock: 1 }] }),
  local('NO-VARIANT', { options: [{ name: 'Size', values: ['S'] }], attributes: [choice('size', 'L')] }),
  local('THUMBNAIL', { thumbnail: 'https://images.example/only.webp', barcode: '2001219056223' }),
  local('ENDING', { description: 'AT&T &lt; <pre>', title: 'Two ]]> ends &amp; <i>' }),
  local('CATEGORY', { category: 'indoor', brand: '=1+1', tags: ['#'] }),
  local('DRAFT', { status: 'draft' }),
  local('ARCHIVED', { status: 'archived' })
]
