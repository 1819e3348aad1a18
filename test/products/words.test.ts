import t from 'tap'
import { isCorrectable, toSortKey, toWords } from '../../src/products/words.js'

t.test('words are runs of letters and digits without case and accents', async (t) => {
  for (const [text, words] of [
    ["Men's T-Shirt (XL)", ['men', 's', 't', 'shirt', 'xl']],
    ['Crème BRÛLÉE', ['creme', 'brulee']],
    ['Straße STRASSE', ['strasse', 'strasse']],
    ['ΟΔΟΣ οδός', ['οδοσ', 'οδοσ']],
    ['İstanbul ｆｕｌｌ ﬁne', ['istanbul', 'full', 'fine']],
    ['SKU-77/b', ['sku', '77', 'b']],
    ['茶碗 🎉 𝒜', ['茶碗', 'a']],
    [' --- ', []]
  ] as const) {
    t.strictSame(toWords(text), words, text)
  }
  t.strictSame(toWords('𠮷'.repeat(70)), ['𠮷'.repeat(64)], 'a long word is cut between its characters')
})

t.test('sort keys ignore case and accents', async (t) => {
  const titles = ['Zoo', 'éclair', 'apple', 'Edam', 'Earl']
  const key = (title: string) => Buffer.from(toSortKey(title))
  t.strictSame(
    titles.sort((a, b) => Buffer.compare(key(a), key(b))),
    ['apple', 'Earl', 'éclair', 'Edam', 'Zoo']
  )
  t.equal(toSortKey('x'.repeat(300)).length, 200)
})

t.test('numbers, codes and short words are not corrected', async (t) => {
  t.strictSame(['mascara', 'éclair', 'tea', 'tv', '4711', 'a1b2c3'].map(isCorrectable), [
    true,
    true,
    true,
    false,
    false,
    false
  ])
})
