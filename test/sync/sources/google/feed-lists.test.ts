import t from 'tap'
import { toValues } from '../../../../src/sync/sources/google/feed-lists.js'

t.test('commas separate values, unless they are in quotation marks', async (t) => {
  for (const [attribute, cell, values] of [
    ['product_highlight', 'one, two,three', ['one', 'two', 'three']],
    ['product_highlight', '"one, two","three"', ['one, two', 'three']],
    ['product_highlight', 'one,"two ""2"", three", "four"', ['one', 'two "2", three', 'four']],
    ['product_highlight', '24" screen, 5" keys', ['24" screen', '5" keys']],
    ['product_highlight', '"open, end', ['"open', 'end']],
    [
      'additional_image_link',
      'https://a.example/1:2,"https://a.example/b,c"',
      ['https://a.example/1:2', 'https://a.example/b,c']
    ],
    [
      'product_detail',
      'General:Type:Player, small,Display:Size:15:9',
      ['General:Type:Player, small', 'Display:Size:15:9']
    ],
    ['product_detail', ':Size:"2.5"""', [':Size:2.5"']],
    ['product_detail', ':"Size, cm":"a, b:c:d",:x:y', [':Size, cm:a, b:c:d', ':x:y']],
    ['variant_option', 'Shoe width:narrow,size:8', ['Shoe width:narrow', 'size:8']],
    ['variant_option', 'Color:red, blue,Ratio:"1:2, 3:4"', ['Color:red, blue', 'Ratio:1:2, 3:4']],
    ['product_highlight', '"a, \ufdd0 b",c\ufdd1x', ['a, \ufdd0 b', 'c\ufdd1x']],
    ['product_detail', ':Size \ufdd0 x:"1, \ufdd1:2",:x:y', [':Size \ufdd0 x:1, \ufdd1:2', ':x:y']]
  ] as const)
    t.strictSame(toValues(attribute, cell), values, cell)
})

t.test('a cell of another attribute is one value', async (t) => {
  t.strictSame(toValues('title', '"One", two'), ['"One", two'])
  t.strictSame(toValues('product_type', 'Home, Garden > Pots'), ['Home, Garden > Pots'])
  t.strictSame(
    toValues('product_type', '"Home, Garden > Pots",Other'),
    ['Home, Garden > Pots'],
    'the first category counts'
  )
})

t.test('a cell with many quotation marks takes no long time', async (t) => {
  for (const part of ['"', ',"', ',""', '":"', ',"""'])
    t.type(toValues('product_detail', part.repeat(200_000)), Array, part)
})
