import t from 'tap'
import { removeShortcodes } from '../../../../src/sync/sources/woocommerce/shortcodes.js'

t.test('shortcodes are removed, and their content stays', async (t) => {
  for (const [html, text] of [
    ['<p>A[contact-form]B</p>', '<p>AB</p>'],
    ['[vc_row css=".a"]Text[/vc_row]', 'Text'],
    ['[highlight]New[/highlight] shoes', 'New shoes'],
    ['[gallery ids="1,2"]', ''],
    ['[caption id="a" width="3"]Picture[/caption]', 'Picture']
  ] as const)
    t.equal(removeShortcodes(html), text)
})

t.test('other text in brackets stays', async (t) => {
  for (const text of ['Size [cm]', '[NEW] Shirt', '[2 pieces]', '[see note]', 'a[i', '[]', '[Shirt, size = M]'])
    t.equal(removeShortcodes(text), text)
})

t.test('the time grows only linearly with the number of brackets', async (t) => {
  const start = performance.now()
  for (const text of ['[', '[a ', '[a-', '[/a', '[a]']) removeShortcodes(text.repeat(300_000))
  t.ok(performance.now() - start < 5000)
})
