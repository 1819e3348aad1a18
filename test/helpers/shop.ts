import { sourceProduct } from './products.js'

/** Titles with accents, mixed case, other scripts, digits, compounds and symbols, and without words. */
const titles = [
  'Éclair au Chocolat',
  'eclair',
  'Strauß roter Tulpen',
  'STRASSE nach Süden',
  'Οδυσσέας ΟΔΟΣ',
  'Żubrówka glass',
  '茶碗 Tea Bowl',
  'Phone 12 Pro',
  'Phone case 12',
  'Mascara Volume',
  'Volume booster',
  'The Mascara',
  '--- 🎉 ---',
  '𝒜stral letters',
  "Men's T-Shirt (XL)",
  'ｆｕｌｌｗｉｄｔｈ ﬁne',
  'Women’s Wi-Fi Phone™ 500 ml',
  "WiFi lamp for women's rooms, 1,5l",
  'KX-100 USB-C',
  'Lamp KX 100, 500ML',
  'kx100-B lamp 1.5 l',
  'Tシャツ ﾊﾞｯｸﾞ',
  '緑茶バッグ AA/AAA',
  'Smørrebrød Łódź',
  'हिन्दी किताब 2.000 g',
  'zero\u200bwidth so\u00adft 🎉lamp'
]
const categories = ['beauty', 'phones', 'home-decoration', 'tea']
/** The parents that `startShop` gives to categories. One of them has no products of its own. */
export const shopParents = {
  phones: 'home-decoration',
  beauty: 'everyday',
  tea: 'everyday',
  everyday: 'home-decoration'
}
const brands = ['Essence', 'Ünlü & Söhne', 'essence', undefined]
const tags = ['new', 'sale', 'Ångström', 'gift idea', 'sale 12']
const availabilities = ['In Stock', 'Low Stock', 'Out of Stock']
const descriptions = [
  'Volume for the lashes.',
  'A phone, and a case with it.',
  'Für Tee und Schokolade.',
  'Nothing to add.',
  'Use 12 g of lamp 500 in Wi-Fi rooms.',
  ''
]

/** Products whose fields have few distinct values, so that there are many ties and each filter matches many products. */
export const shop = Array.from({ length: 120 }, (_, i) => {
  const pick = <T>(values: readonly T[], step: number): T => values[(i * step + (i >> 3)) % values.length] as T
  return sourceProduct(i * 3 + 1, {
    title: pick(titles, 7),
    category: pick(categories, 1),
    brand: pick(brands, 3),
    tags: [pick(tags, 1), pick(tags, 2)].slice(0, i % 3),
    availabilityStatus: pick(availabilities, 5),
    description: pick(descriptions, 11),
    sku: `SKU-${i % 17}-${i}`,
    price: pick([0, 0.29, 9.99, 10, 24.99, 25, 99.995, 1234.5, 36_999.99], 4),
    rating: pick([0, 2.56, 4.2, 4.21, 5], 3),
    discountPercentage: pick([0, 10.48, 33.33, 100], 7),
    stock: pick([0, 3, 7, 1000], 9),
    meta: {
      createdAt: `2026-0${1 + (i % 3)}-01T00:00:00.000Z`,
      updatedAt: '2026-05-01T00:00:00.000Z',
      barcode: `40063813${33_000 + i * 7}`
    }
  })
})

const attributes = [
  { name: 'Color', value: 'red' },
  { name: 'Color', value: 'Ünlü blue' },
  { name: 'Color and more', value: 'red' },
  { name: 'Material', value: 'cotton: organic' }
]
const sizes = ['S', 'M', 'XL']

/** Attributes, options and variants, which the source cannot send. Some products have none. An attribute and an option have the same name. */
export const details = shop.map(({ id }, i) => {
  const pick = <T>(values: readonly T[], step: number): T => values[(i * step + (i >> 3)) % values.length] as T
  const values = [pick(sizes, 1), ...(i % 4 === 0 ? [pick(sizes, 2)] : [])]
  const options = i % 2 === 0 ? [] : [{ name: i % 3 === 0 ? 'Color' : 'Size', values: [...new Set(values)] }]
  return {
    id,
    attributes: [pick(attributes, 1), pick(attributes, 3)].slice(0, i % 3),
    options,
    variants: options.flatMap(({ name, values }) =>
      values.map((value, at) => ({
        sku: `VAR-${i % 7}-${i}-${at}`,
        ...(i % 5 > 0 && { barcode: `50063813${33_000 + i * 7 + at}`, stock: i % 5 }),
        options: [{ name, value }],
        price: pick([9.99, 10, 25, 1234.5], at + 1),
        ...(i % 4 === 1 && { salePrice: pick([5, 24.99], 1) })
      }))
    )
  }
})
