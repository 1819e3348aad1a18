import t from 'tap'
import { readXmlItems } from '../../../../src/sync/sources/google/feed-xml.js'
import { feeds, toRss } from '../../../helpers/feed-server.js'

async function read(text: string | Iterable<string>, size = 50): Promise<unknown[]> {
  async function* chunks() {
    if (typeof text !== 'string') return yield* text
    for (let i = 0; i < text.length; i += size) yield text.slice(i, i + size)
  }
  const items: unknown[] = []
  for await (const item of readXmlItems(chunks())) items.push(item)
  return items
}

t.test('the items of RSS and Atom are read from chunks of any size', async (t) => {
  for (const size of [1, 7, 100_000]) {
    const [tv, small, medium] = await read(feeds.rss, size)
    t.match(tv, {
      id: 'TV_123456',
      title: 'Chromecast & remote',
      description: '<p>4K &amp; HDR</p>',
      additional_image_link: ['https://img.example/tv-2.png', 'https://img.example/tv-3.png'],
      price: '4999 JPY',
      product_type: 'Home > TV > Streaming'
    })
    t.match(small, { id: 'tee-s', item_group_id: 'tee', title: 'Tee - S', price: '15,550.00 JPY' })
    t.match(medium, { id: 'tee-m', title: 'Tee - M' })
    t.strictSame(Object.keys((await read(feeds.atom, size))[0] as object), [
      ...['id', 'title', 'description', 'link', 'image_link', 'condition', 'availability', 'price']
    ])
  }
})

t.test('only the direct children of an item are its attributes', async (t) => {
  const shipping = '<g:shipping><g:country>DE</g:country><g:price>4.90 EUR</g:price><g:id>1</g:id></g:shipping>'
  for (const item of [`${shipping}<g:price>5 EUR</g:price>`, `<g:price>5 EUR</g:price>${shipping}`])
    t.strictSame(await read(toRss([`<g:id>a</g:id>${item}`])), [{ id: 'a', price: '5 EUR' }])
})

t.test(
  'elements of the namespace of Google count more than others, and those of other namespaces do not count',
  async (t) => {
    const item =
      '<title>Plain</title><g:title>Google</g:title><title>Again</title><g:id>a</g:id><id>b</id><m:brand xmlns:m="urn:m">x</m:brand>' +
      '<x:mpn xmlns:x="https://base.google.com/ns/1.0/">m</x:mpn><c:color>y</c:color>'
    t.strictSame(await read(toRss([item])), [{ title: 'Google', id: 'a', mpn: 'm' }])
    t.strictSame(
      await read('<rss><channel><item><g:id>a</g:id><Image-Link>b</Image-Link></item></channel></rss>'),
      [{ id: 'a', image_link: 'b' }],
      'a prefix need not be declared, and names differ in form'
    )
  }
)

t.test('an address of Atom is in an attribute, and its text may be XHTML', async (t) => {
  const links = '<link rel="self" href="https://a.example"/><link rel="alternate" href="https://b.example"/>'
  const content = '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">One<p>Two</p>Three</div></content>'
  const feed = `<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>${links}${content}</entry></feed>`
  t.strictSame(await read(feed), [{ id: '1', link: 'https://b.example', description: 'One Two Three' }])
})

t.test('nested details are joined', async (t) => {
  const detail =
    '<g:product_detail><g:section_name>A:B</g:section_name><g:attribute_name>Type</g:attribute_name>' +
    '<g:attribute_value>1:2</g:attribute_value></g:product_detail><g:product_detail>x:y:z</g:product_detail>'
  t.strictSame(await read(toRss([detail])), [{ product_detail: ['A B:Type:1:2', 'x:y:z'] }])
})

t.test('a feed that ends before its root element is truncated', async (t) => {
  const end = feeds.rss.lastIndexOf('</rss>') + '</rss>'.length
  for (let length = 0; length < end; length += 1)
    await t.rejects(
      read(feeds.rss.slice(0, length), 1000),
      { name: 'SourceError', reason: 'invalid' },
      `cut after ${length}`
    )
  t.equal((await read(feeds.rss.slice(0, end))).length, 3)
})

t.test('entities of a DTD are rejected where they are used', async (t) => {
  const entities = Array.from({ length: 9 }, (_, i) => `<!ENTITY lol${i + 1} "${`&lol${i};`.repeat(10)}">`).join('')
  const dtd = `<!DOCTYPE lolz [<!ENTITY lol0 "lol">${entities}<!ENTITY file SYSTEM "file:///etc/passwd">]>`
  const feed = (text: string) => `${dtd}<rss><channel><item><title>${text}</title></item></channel></rss>`
  t.strictSame(await read(feed('&#65;&#x42;&quot;')), [{ title: 'AB"' }])
  for (const entity of ['lol9', 'file', 'nbsp', 'constructor', '__proto__'])
    await t.rejects(read(feed(`&${entity};`)), {
      name: 'SourceError',
      reason: 'invalid',
      detail: /not well-formed XML: .*entity/
    })
})

t.test('XML that is not well-formed, not a feed or nested too deeply is an error', async (t) => {
  for (const [text, detail] of [
    ['<rss><channel></rss>', /not well-formed/],
    ['<!doctype html><html><head><meta charset="utf-8"></head></html>', /is an HTML page/],
    ['<html><body><br></body></html>', /is an HTML page/],
    ['<urlset><url/></urlset>', /not a merchant feed: its root element is urlset/],
    [`<rss>${'<a>'.repeat(60)}`, /nested more than 50 levels/],
    [feeds.rss.replace('&amp;', '&'), /not well-formed/]
  ] as const)
    await t.rejects(read(text), { name: 'SourceError', reason: 'invalid', detail })
})

t.test('characters that XML excludes are left out', async (t) => {
  t.strictSame(await read(toRss(['<title>a\u0000b\u000bc\uffff</title>'])), [{ title: 'abc' }])
})

t.test('references to characters that XML excludes are left out', async (t) => {
  const title = 'a&#x1f;b&#0;&#xFFFF;c&#55296;&#x110000;&#9;d&amp;#x41;&#x41;'
  for (const size of [1, 7, 1000])
    t.strictSame(await read(toRss([`<title>${title}</title><brand>x</brand>`, '<id>b</id>']), size), [
      { title: 'abc\td&#x41;A', brand: 'x' },
      { id: 'b' }
    ])
  t.strictSame(await read(toRss(['<title>a &amp;#x1f; b</title>'])), [{ title: 'a &#x1f; b' }], 'escaped text stays')
  await t.rejects(read(toRss(['<title>&nbsp;</title>'])), { name: 'SourceError', detail: /entity/ })
})

t.test('options and details are nested', async (t) => {
  const option = '<g:variant_option>\n<g:name>Shoe: width</g:name>\n<g:value>a:b</g:value></g:variant_option>'
  const detail =
    '<g:product_detail><g:attribute_name>x</g:attribute_name><g:attribute_value>y</g:attribute_value></g:product_detail>'
  t.strictSame(await read(toRss([`${option}${detail}<g:variant_option>Size:8</g:variant_option>`])), [
    { variant_option: ['Shoe  width:a:b', 'Size:8'], product_detail: [':x:y'] }
  ])
})

t.test('a SKU is in no namespace or in that of custom attributes', async (t) => {
  for (const sku of ['<sku>1</sku>', '<g:sku>1</g:sku>', '<c:sku type="string">1</c:sku>'])
    t.strictSame(await read(toRss([sku])), [{ sku: '1' }], sku)
})

t.test('a long text is shortened, and a token without an end is an error', async (t) => {
  function* long(count: number) {
    yield '<rss><channel><item><id>a</id><description>'
    for (let i = 0; i < count; i++) yield 'x'.repeat(100_000)
    yield '</description></item></channel></rss>'
  }
  const [item] = (await read(long(100))) as [{ description: string }]
  t.equal(item.description.length, 250_000)
  await t.rejects(read(long(1000)), {
    name: 'SourceError',
    reason: 'too-large',
    detail: /more than 16000000 characters/
  })
})

t.test('an item with too much text is unreadable', async (t) => {
  const names = ['brand', 'mpn', 'color', 'size', 'material']
  const item = names.map((name) => `<${name}>${'x'.repeat(240_000)}</${name}>`).join('')
  t.strictSame(await read(toRss([`<id>a</id>${item}`, item, '<id>b</id>'])), [
    { id: 'a', unreadable: 'must have at most 1000000 characters' },
    { id: undefined, unreadable: 'must have at most 1000000 characters' },
    { id: 'b' }
  ])
})
