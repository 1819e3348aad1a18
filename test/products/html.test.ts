import fc from 'fast-check'
import t from 'tap'
import { htmlToText, looksLikeHtml, textToHtml } from '../../src/products/html.js'

t.test('blocks end lines, paragraphs a blank line, and white space is collapsed', async (t) => {
  for (const [html, text] of [
    [
      '<p>A hand-blown <b>sphere</b> &amp; cork.</p>\n<ul><li>21.6&nbsp;cm</li><li>Glass</li></ul>',
      'A hand-blown sphere & cork.\n\n21.6 cm\nGlass'
    ],
    ['One<br>two<br/>three<br><br>four', 'One\ntwo\nthree\nfour'],
    ['<h2>Title</h2><div>a\n  b<div>c</div></div>d', 'Title\na b\nc\nd'],
    ['<p>one<p>two', 'one\n\ntwo'],
    [
      '<table><tr><td>Width</td><td>2 cm</td></tr><tr><td>Height</td><td>3 cm</td></tr></table>',
      'Width 2 cm\nHeight 3 cm'
    ],
    ['a<b> b</b><i>c </i>d', 'a bc d'],
    ['  plain text \n in two lines ', 'plain text in two lines'],
    ['', ''],
    ['<p> </p><br>', '']
  ] as const) {
    t.equal(htmlToText(html), text, html)
  }
})

t.test('preformatted text keeps its white space', async (t) => {
  for (const [html, text] of [
    ['a <pre>b\n\n  c\td </pre> e  f', 'a\nb\n\n  c\td \ne f'],
    ['<pre>a<br>b <b> c</b></pre>', 'a\nb  c'],
    ['<pre>a  <script>hidden</script>b</pre>', 'a  b']
  ] as const)
    t.equal(htmlToText(html), text, html)
})

t.test('text that looks like HTML survives as HTML', async (t) => {
  for (const text of ['<b>a</b>', 'AT&amp;T\n\n  &lt;', '</pre><script>x</script>', '&#65;', '<!-- -->']) {
    t.ok(looksLikeHtml(textToHtml(text)))
    t.equal(htmlToText(textToHtml(text)), text)
  }
  for (const text of ['', 'a < b && c > d', 'AT & T; <3']) t.notOk(looksLikeHtml(text), text)
})

t.test('entities are decoded once', async (t) => {
  t.equal(
    htmlToText('Tom &amp;amp; Jerry &#8217;n&#x2019; &eacute; &unknown; AT&T'),
    'Tom &amp; Jerry ’n’ é &unknown; AT&T'
  )
  t.equal(htmlToText('&lt;script&gt;alert(1)&lt;/script&gt;'), '<script>alert(1)</script>')
})

t.test('hidden elements are omitted with their content', async (t) => {
  for (const name of ['script', 'style', 'template', 'noscript', 'iframe', 'object', 'svg', 'head', 'title'])
    t.equal(htmlToText(`a <${name} class="x">hidden</${name}>b`), 'a b', name)
  t.equal(htmlToText('<svg><svg>a</svg><title>b</title>c</svg>d'), 'd', 'nested')
  t.equal(htmlToText('<!doctype html><head><title>a</title><body>text<!-- comment --><img alt="b">'), 'text')
  t.equal(htmlToText('text<script>if (a < b) x = "</p>"'), 'text', 'not closed')
})

t.test('any text is converted, in linear time', async (t) => {
  const part = fc.constantFrom(
    '<',
    '>',
    '</',
    '/>',
    'p',
    'script',
    'svg',
    '&',
    'amp;',
    ' ',
    '"',
    '=',
    '<!--',
    ']]>',
    'é'
  )
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const text = htmlToText(parts.join(''))
      return text === text.trim() && !/ {2}|\n{3}/.test(text)
    })
  )
  const before = performance.now()
  htmlToText('<div><p>'.repeat(200_000))
  htmlToText('<'.repeat(1_000_000))
  htmlToText(' &'.repeat(500_000))
  t.ok(performance.now() - before < 10_000)
})
