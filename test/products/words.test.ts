import t, { type Test } from 'tap'
import { isCorrectable, toBarcodeWord, toSearchTerms, toSortKey, toWords } from '../../src/products/words.js'

function assertWords(t: Test, cases: readonly (readonly [string, string])[]): void {
  for (const [text, words] of cases) t.equal(toWords(text).join(' '), words, text)
}

t.test('case, accents and variants of a letter make no difference', async (t) => {
  assertWords(t, [
    ['Crème BRÛLÉE', 'creme brulee'],
    ['Straße STRASSE STRAẞE', 'strasse strasse strasse'],
    ['ΟΔΟΣ οδός', 'οδοσ οδοσ'],
    ['İstanbul ısı ISI', 'istanbul isi isi'],
    ['ｆｕｌｌ ﬁne 𝒜', 'full fine a'],
    ['Łódź Smørrebrød Œuvre Æsir Þór đ', 'lodz smorrebrod oeuvre aesir thor d'],
    ['Ёлка Йод', 'елка иод']
  ])
})

t.test('marks that belong to the spelling of a script stay', async (t) => {
  assertWords(t, [
    ['हिन्दी தமிழ்', 'हिन्दी தமிழ்'],
    ['กาแฟเย็น ខ្មែរ', 'กาแฟเย็น ខ្មែរ'],
    ['한국어', '한국어'],
    ['한국어'.normalize('NFD'), '한국어']
  ])
  t.equal(toWords('ﾊﾞｯｸﾞ').join(), toWords('バッグ').join(), 'half-width kana')
  t.equal(toWords('バッグ'.normalize('NFD')).join(), toWords('バッグ').join(), 'decomposed kana')
  t.notSame(toWords('バッグ'), toWords('パック'), 'bag and pack')
  t.notSame(toWords('カ'), toWords('か'), 'katakana and hiragana')
})

t.test('the optional vowels of Hebrew and Arabic make no difference', async (t) => {
  assertWords(t, [
    ['שָׁלוֹם', 'שלום'],
    ['כִּתָּה צה״ל', 'כתה צה צהל ל'],
    ['كِتَابٌ كـتـاب أحمد', 'كتاب كتاب احمد']
  ])
})

t.test('symbols separate words and are none, and invisible characters do nothing', async (t) => {
  assertWords(t, [
    ['Nike™ Air℠Max®Pro©ⓇOne🅫X', 'nike air max pro one x'],
    ['so\u00adft ze\u200bro\u200dwi\u2060dth\ufeff', 'soft zerowidth'],
    ['🎉 lamp🦄shade ☕', 'lamp shade'],
    ['5㎖ ㎏', '5 5ml ml kg'],
    [' --- ', '']
  ])
})

t.test('a compound has its parts and their joined forms as words', async (t) => {
  assertWords(t, [
    ["Men's T-Shirt (XL)", 'men mens s t tshirt shirt xl'],
    ['Wi‑Fi usb_c H&M', 'wi wifi fi usb usbc c h hm m'],
    ['AA/AAA U.S.A.', 'aa aaaaa aaa u usa s sa a'],
    ['KX-100', 'kx kx100 100'],
    ['kx100', 'kx kx100 100'],
    ['KX 100', 'kx kx100 100'],
    ['KX-100-B', 'kx kx100b kx100 100 100b b'],
    ['usb-c-hub', 'usb usbchub c chub hub'],
    ['500 ml', '500 500ml ml'],
    ['30 × 40', '30 30x40 30x x x40 40'],
    ['red - blue', 'red blue'],
    ['1/2 16:9 3+1', '1 2 16 9 3 1'],
    ['a1b2c3d4e5', 'a a1b2c3d4 a1 1 1b2c3d4 1b b b2c3d4 b2 2 2c3d4 2c c c3d4 c3 3 3d4 3d d d4 4 e e5 5']
  ])
})

t.test('in prose, a number is joined to its unit but not to the word before', async (t) => {
  t.equal(toWords('Lasts 12 hours', true).join(' '), 'lasts 12 12hours hours')
  t.equal(toWords('KX-100', true).join(' '), 'kx kx100 100')
})

t.test('apostrophes of all kinds join what they separate', async (t) => {
  for (const apostrophe of "'’‘‛ʼ＇′`´") {
    assertWords(t, [[`women${apostrophe}s`, 'women womens s']])
    t.strictSame(toSearchTerms(`L${apostrophe}Oréal`), [['loreal*']], apostrophe)
  }
  assertWords(t, [
    ["'quoted' 5'10", 'quoted 5 10'],
    ["rock'n'roll", 'rock rocknroll rockn n nroll roll']
  ])
})

t.test('numbers have one form, whatever their separators', async (t) => {
  assertWords(t, [
    ['1.5 1,5', '1·5 1 1·5 1'],
    ["1,000 1.000 1'000 1,000,000", '1000 1000 1000 1000000'],
    ['0.125', '0·125 0'],
    ['1,2,3', '1 2 3'],
    ['1.2.3', '1 123 2 23 3'],
    ['m², Ⅳ', 'm m2 2 iv']
  ])
})

t.test('Chinese and Japanese text has pairs of characters as words', async (t) => {
  assertWords(t, [
    ['緑茶カップ', '緑茶 茶カ カッ ップ プ'],
    ['Tシャツ500円', 't シャ ャツ ツ 500 円'],
    ['𠮷野', '𠮷野 野']
  ])
})

t.test('long words are cut between characters', async (t) => {
  t.strictSame(toWords('𐐨'.repeat(70)), ['𐐨'.repeat(64)])
  t.strictSame(toSearchTerms(`${'x'.repeat(40)}-${'y'.repeat(40)}`)?.[0]?.[1], `${'x'.repeat(40)}${'y'.repeat(24)}*`)
  t.ok(toBarcodeWord('4'.repeat(100)).length <= 65)
})

t.test('a search has a term for each word, and the last one matches prefixes', async (t) => {
  for (const [text, terms] of [
    ['Volume  LASHES', [['volume'], ['lashes*']]],
    ['kx100', [['kx100*']]],
    ['wi-fi lamp', [['wi', 'wifi'], ['fi', 'wifi'], ['lamp*']]],
    ['lamp wi-f', [['lamp'], ['wi', 'wif*'], ['f*', 'wif*']]],
    ['500 ml', [['500'], ['ml*']]],
    ['tea bowl TEA', [['tea*'], ['bowl']]],
    ['緑茶カ', [['緑茶'], ['茶カ']]],
    ['茶 cup', [['茶*'], ['cup*']]],
    ['400638', [['400638*', '¤400638*']]],
    [
      '12 500',
      [
        ['12', '12500*'],
        ['500*', '12500*']
      ]
    ]
  ] as const) {
    t.strictSame(toSearchTerms(text), terms, text)
  }
  t.equal(toSearchTerms('a b c d e f g h i j k l m n o p q r')?.length, 16)
})

t.test('a blank search is none, and one of symbols has no terms', async (t) => {
  for (const blank of ['', ' \t\n', '\u200b\u00ad', '\u3000']) t.equal(toSearchTerms(blank), undefined)
  for (const symbols of ['!!!', '™', '🦄', '-', "'", '\u0301']) t.strictSame(toSearchTerms(symbols), [], symbols)
})

t.test('a barcode is one word, however it is printed', async (t) => {
  for (const barcode of ['4006381333931', '4 006381 333931', '4-006381-333931']) {
    t.equal(toBarcodeWord(barcode), '¤4006381333931')
    for (const alternatives of toSearchTerms(barcode) as string[][]) t.ok(alternatives.includes('¤4006381333931*'))
  }
})

t.test('sort keys ignore case and accents', async (t) => {
  const titles = ['Zoo', 'éclair', 'apple', 'Edam', 'Earl', 'Øl']
  const key = (title: string) => Buffer.from(toSortKey(title))
  t.strictSame(
    titles.sort((a, b) => Buffer.compare(key(a), key(b))),
    ['apple', 'Earl', 'éclair', 'Edam', 'Øl', 'Zoo']
  )
  t.equal(toSortKey('x'.repeat(300)).length, 200)
})

t.test('numbers, codes and short words are not corrected', async (t) => {
  for (const word of ['mascara', 'éclair', 'tea', 'किताब']) t.ok(isCorrectable(word), word)
  for (const word of ['tv', '4711', 'a1b2c3', '¤4006381333931', '1·5']) t.notOk(isCorrectable(word), word)
})
