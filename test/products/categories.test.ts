import fc from 'fast-check'
import t from 'tap'
import { SLUG_PATTERN } from '../../schemas/scalars.js'
import { NAME_CHARACTER } from '../../schemas/source.js'
import { toCategoryName, toCategoryPath, toCategorySlug } from '../../src/products/categories.js'
import { requireEqual } from '../helpers/properties.js'
import { runs } from '../helpers/runs.js'

/** All categories of DummyJSON. */
const known =
  'beauty fragrances furniture groceries home-decoration kitchen-accessories laptops mens-shirts mens-shoes mens-watches mobile-accessories ' +
  'motorcycle skin-care smartphones sports-accessories sunglasses tablets tops vehicle womens-bags womens-dresses womens-jewellery ' +
  'womens-shoes womens-watches'

t.test('the slugs of DummyJSON stay the same', async (t) => {
  for (const slug of known.split(' ')) t.equal(toCategorySlug(slug), slug)
})

t.test('names that differ in case, spaces, punctuation and apostrophes have one slug', async (t) => {
  for (const [slug, ...names] of [
    ['home-decoration', 'Home Decoration', ' home\u00a0 decoration ', 'HOME_DECORATION', 'Home / Decoration!'],
    ['home-garden', 'Home & Garden', 'Home, Garden', 'Home > Garden', 'Home | Garden', 'home-garden'],
    ['womens-dresses', "Women's Dresses", 'Women’s dresses', 'womens-dresses'],
    ['loreal', "L'Oréal", 'L’Oreal', 'LORÉAL'],
    ['nike', 'Nike®', 'Nike™', 'Ni\u200bke'],
    ['m2', 'm²', 'M2'],
    ['1-2-price', '½ price', '1/2 Price']
  ] as [string, ...string[]][]) {
    for (const name of names) t.equal(toCategorySlug(name), slug, name)
  }
})

t.test('Latin letters lose their accents or get their common spelling', async (t) => {
  for (const [name, slug] of [
    ['Möbel', 'moebel'],
    ['Mo\u0308bel', 'moebel'],
    ['MÖBEL', 'moebel'],
    ['Küchengeräte', 'kuechengeraete'],
    ['Smørrebrød', 'smoerrebroed'],
    ['Straße', 'strasse'],
    ['Épicerie fine', 'epicerie-fine'],
    ['Niños', 'ninos'],
    ['Łóżka', 'lozka'],
    ['Ev Eşyası', 'ev-esyasi'],
    ['İç Giyim', 'ic-giyim'],
    ['Đồ gia dụng', 'do-gia-dung'],
    ['Œuvres', 'oeuvres'],
    ['Ｃａｍｅｒａ', 'camera']
  ] as const) {
    t.equal(toCategorySlug(name), slug, name)
  }
})

t.test('a slug that cannot show all letters and symbols ends in a hash', async (t) => {
  for (const [name, slug] of [
    ['C++', /^c-x/],
    ['100% Cotton', /^100-cotton-x/],
    ['家具', /^jiaju-x/],
    ['Мебель', /^mebel-x/],
    ['Έπιπλα', /^epipla-x/],
    ['أثاث', /^thth-x/],
    ['かばん', /^kaban-x/],
    ['🎁', /^gift-x/],
    ['ʔaxa', /^axa-x/],
    ['+', /^x/],
    ['家'.repeat(60), /^jiajia[a-z]+-x/],
    ['x'.repeat(101), /^x{90}-x/]
  ] as const) {
    const result = toCategorySlug(name)
    t.match(result, slug, name)
    t.match(result, /(^|-)x[0-9a-f]{8}$/, name)
    t.ok(result.length <= 100, name)
    t.equal(toCategorySlug(result), result, 'a slug is its own slug')
  }
})

t.test('different names have different slugs', async (t) => {
  const names =
    'C C++ C# C% Möbel Mobel Küchen Kuchen 家具 傢俱 Мебель Mebel かばん かぱん أثاث 🎁 🎀 18 18+ 360 360° € $ 60 ٦٠ Lego-Star Legostar'
  const slugs = names.split(' ').map(toCategorySlug)
  t.equal(new Set(slugs).size, slugs.length, slugs.join(' '))
})

t.test('a name without a letter, digit or symbol has no slug', async (t) => {
  for (const name of ['', '!!!', ' - ', '™', '>', '\u3164']) t.equal(toCategorySlug(name), '')
})

const name = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 120 }),
  fc.string({ unit: 'binary', maxLength: 120 }),
  fc
    .array(fc.constantFrom(..."aAäÄöoøßéeİıς家傢Мм🎁+#&-' ’\u0308\u200b0٣²"), { maxLength: 12 })
    .map((all) => all.join(''))
)

t.test('every name with a letter, digit or symbol has a valid slug, which is its own slug', async () => {
  const hasCharacter = new RegExp(NAME_CHARACTER, 'u')
  fc.assert(
    fc.property(name, (name) => {
      const slug = toCategorySlug(name)
      const isValid = new RegExp(SLUG_PATTERN).test(slug) && slug.length <= 100
      // Hangul fillers and the like are letters, but invisible.
      const isEmpty = slug === '' && !/[A-Za-z0-9家傢Мм🎁+#]/u.test(name)
      requireEqual(isValid || isEmpty || !hasCharacter.test(name), true, name)
      requireEqual(toCategorySlug(slug), slug, name)
    }),
    { numRuns: runs(2000, 50_000) }
  )
})

t.test('two names have the same slug only if they differ in case, accents, spaces and punctuation', async () => {
  /** What a slug may ignore, as plainly as possible. */
  const skeleton = (name: string) =>
    name
      .normalize('NFKC')
      .toUpperCase()
      .toLowerCase()
      .normalize('NFD')
      .replace(/[äöü]|[aou]\u0308/g, (letter) => `${letter.charAt(0)}e`)
      .replaceAll('ø', 'oe')
      .replace(/(?<=\p{Script=Latin}\p{M}*)\p{M}/gu, '')
      .replaceAll('ı', 'i')
      .replace(/[^\p{L}\p{N}\p{M}+#🎁]/gu, '')
  const part = fc.constantFrom(
    'a',
    'A',
    'ä',
    'ae',
    'é',
    'o',
    'ø',
    'ß',
    'ss',
    'İ',
    'i',
    '家',
    '傢',
    'М',
    'м',
    '🎁',
    '+',
    '#',
    ' ',
    '-',
    '\u200b',
    '7',
    '٧'
  )
  const short = fc.array(part, { maxLength: 4 }).map((all) => all.join(''))
  fc.assert(
    fc.property(short, short, (first, second) => {
      if (toCategorySlug(first) === toCategorySlug(second))
        requireEqual(skeleton(first), skeleton(second), [first, second])
    }),
    { numRuns: runs(5000, 200_000) }
  )
})

t.test('a slug becomes a name without its hash', async (t) => {
  t.equal(toCategoryName('mens-shirts'), 'Mens Shirts')
  t.equal(toCategoryName(toCategorySlug('家具')), 'Jiaju')
  t.equal(toCategoryName('xbox-x360'), 'Xbox X360')
  t.match(toCategoryName(toCategorySlug('+')), /^X[0-9a-f]{8}$/)
})

t.test('each category of a path has the slug of its path and its own name', async (t) => {
  t.strictSame(toCategoryPath(['Clothing', 'Men’s  Wear', 'Café & Thé']), [
    { slug: 'clothing', name: 'Clothing' },
    { slug: 'clothing-mens-wear', name: 'Men’s Wear' },
    { slug: 'clothing-mens-wear-cafe-the', name: 'Café & Thé' }
  ])
  t.strictSame(
    [toCategoryPath(['Men', 'Shirts']), toCategoryPath(['Women', 'Shirts'])].map((path) => path.at(-1)?.slug),
    ['men-shirts', 'women-shirts']
  )
  t.strictSame(toCategoryPath(['!!!', 'Tea', ' ', 'Green']), [
    { slug: 'tea', name: 'Tea' },
    { slug: 'tea-green', name: 'Green' }
  ])
  t.strictSame(toCategoryPath(['>']), [])
})

t.test('every path has different slugs that are valid and stay the same', async () => {
  const names = fc.array(name, { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(names, (names) => {
      const path = toCategoryPath(names)
      requireEqual(new Set(path.map(({ slug }) => slug)).size, path.length, names)
      for (const { slug, name } of path) {
        requireEqual(new RegExp(SLUG_PATTERN).test(slug) && slug.length <= 100, true, names)
        requireEqual([...name].length <= 100, true, names)
      }
      requireEqual(toCategoryPath(names.slice(0, -1)), path.slice(0, toCategoryPath(names.slice(0, -1)).length), names)
    }),
    { numRuns: runs(1000, 20_000) }
  )
})
