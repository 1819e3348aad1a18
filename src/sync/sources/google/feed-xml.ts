import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes'
import { CUSTOM_NAMESPACE, GOOGLE_NAMESPACE } from '../../../products/merchant-feed.js'
import { removeExcludedFromXml } from '../../../support/xml-characters.js'
import { SourceError } from '../../source-error.js'
import { type FeedItem, ItemBuilder, toAttributeName, type UnreadableItem } from './feed-items.js'

/** Namespaces of elements that are attributes of an item. The rank decides between `title` and `g:title`. */
const RANKS = new Map([
  [GOOGLE_NAMESPACE, 1],
  ['', 0],
  ['http://www.w3.org/2005/Atom', 0],
  ['http://purl.org/rss/1.0/', 0]
])
/** The only attribute that is read from the namespace of custom attributes. */
const CUSTOM_ATTRIBUTE = 'sku'
/** Attributes whose values are in elements of their own, with the names of these. */
const PARTS: Record<string, readonly string[]> = {
  product_detail: ['section_name', 'attribute_name', 'attribute_value'],
  variant_option: ['name', 'value']
}
const ROOTS = new Set(['rss', 'feed', 'RDF'])
const ITEMS = new Set(['item', 'entry'])
/** Nesting depths at which items can be: in the root or in its `channel`. */
const ITEM_DEPTHS = new Set([2, 3])
const HTML = /^<(?:!doctype\s+)?html[\s>]/i
const DEPTH_MAX = 50
/** Maximum length of a text or a tag. The parser keeps it in memory. */
const TOKEN_MAX = 16_000_000
/** Characters of a text that are kept: more than a mapping reads. */
const TEXT_MAX = 250_001
const REFERENCE = /&#(?:x([\da-f]+)|(\d+));/gi
/** The end of the message of the parser for a reference to a character that XML excludes. The parser then leaves the reference in the text. */
const EXCLUDED_REFERENCE = 'malformed character entity.'

/**
 * Reads the items of an RSS or Atom feed while it arrives.
 * @throws {SourceError} if it is not such a feed, or if it is truncated.
 */
export async function* readXmlItems(text: AsyncIterable<string>): AsyncGenerator<FeedItem | UnreadableItem> {
  const reader = new XmlItemReader()
  for await (const chunk of text) yield* reader.read(chunk)
  reader.end()
}

/** An element of an item. */
interface Field {
  attribute: string
  rank: number
  text: string
  /** The texts of the elements within it. */
  parts: Map<string, string>
}

class XmlItemReader {
  readonly #parser = createParser()
  #depth = 0
  #isWhole = false
  #items: (FeedItem | UnreadableItem)[] = []
  #item: { builder: ItemBuilder; depth: number } | undefined
  #field: Field | undefined
  /** The name of the element within the field that contains the current position. */
  #part = ''
  /** Number of events so far, and characters since the last one. */
  #events = 0
  #pending = 0
  /** Whether the text that the parser reports next has references to excluded characters. */
  #hasExcluded = false

  constructor() {
    const parser = this.#parser
    const count = () => {
      this.#events++
    }
    parser.on('opentag', (tag) => this.#open(tag))
    parser.on('closetag', () => this.#close())
    parser.on('text', (text) => {
      this.#write(this.#hasExcluded ? text.replace(REFERENCE, withoutExcluded) : text)
      this.#hasExcluded = false
    })
    parser.on('error', (error) => {
      if (!error.message.endsWith(EXCLUDED_REFERENCE)) throw error
      this.#hasExcluded = true
    })
    parser.on('cdata', (text) => this.#write(text))
    for (const event of ['comment', 'processinginstruction', 'doctype'] as const) parser.on(event, count)
  }

  /** Reads a part of the feed. Returns the items that end in it. */
  read(chunk: string): (FeedItem | UnreadableItem)[] {
    const before = this.#events
    // The parser would report a mistake in its syntax.
    if (before === 0 && HTML.test(chunk)) throw invalid('the response is an HTML page, not a merchant feed')
    try {
      // Feeds contain such characters by mistake.
      this.#parser.write(removeExcludedFromXml(chunk))
    } catch (error) {
      if (error instanceof SourceError) throw error
      throw invalid(`the feed is not well-formed XML: ${(error as Error).message.slice(0, 200)}`)
    }
    this.#pending = this.#events === before ? this.#pending + chunk.length : 0
    if (this.#pending > TOKEN_MAX)
      throw new SourceError('too-large', { detail: `a text of the feed has more than ${TOKEN_MAX} characters` })
    const items = this.#items
    this.#items = []
    return items
  }

  end(): void {
    if (!this.#isWhole) throw invalid('the feed is truncated: the end tag of its root element is missing')
  }

  #open({ local, uri, attributes }: SaxesTagNS): void {
    this.#events++
    const depth = ++this.#depth
    if (depth > DEPTH_MAX) throw invalid(`the feed is nested more than ${DEPTH_MAX} levels deep`)
    if (depth === 1 && !ROOTS.has(local))
      throw invalid(`the response is not a merchant feed: its root element is ${local.slice(0, 100)}`)
    const item = this.#item
    if (!item) {
      if (ITEMS.has(local) && ITEM_DEPTHS.has(depth)) this.#item = { builder: new ItemBuilder(), depth }
      return
    }
    if (depth === item.depth + 1) this.#openField(local, uri, attributes)
    else this.#separate()
    if (depth === item.depth + 2) this.#part = local
  }

  #openField(local: string, uri: string, { href, rel }: Readonly<Record<string, SaxesAttributeNS>>): void {
    const namespace = uri.replace(/^https:/, 'http:').replace(/\/$/, '')
    const isCustom = namespace === CUSTOM_NAMESPACE && local === CUSTOM_ATTRIBUTE
    const rank = isCustom ? 0 : (RANKS.get(namespace) ?? RANKS.get(uri))
    const attribute = rank === undefined ? undefined : toAttributeName(local)
    if (rank === undefined || attribute === undefined) return
    // Atom has the address of a link in an attribute, and links of other kinds.
    if (attribute === 'link' && rel !== undefined && rel.value !== 'alternate') return
    this.#field = { attribute, rank, text: attribute === 'link' ? (href?.value ?? '') : '', parts: new Map() }
  }

  #write(text: string): void {
    this.#events++
    const field = this.#field
    if (!field || !this.#item) return
    if (this.#depth === this.#item.depth + 1 || field.attribute === 'description')
      field.text += text.slice(0, TEXT_MAX - field.text.length)
    else if (Object.hasOwn(PARTS, field.attribute) && this.#depth === this.#item.depth + 2)
      field.parts.set(this.#part, `${field.parts.get(this.#part) ?? ''}${text}`.slice(0, 1000))
  }

  #close(): void {
    this.#events++
    const depth = this.#depth--
    this.#isWhole = this.#depth === 0
    const { builder, depth: itemDepth } = this.#item ?? {}
    if (!builder || itemDepth === undefined) return
    if (depth === itemDepth) {
      this.#items.push(builder.finish())
      this.#item = undefined
    } else if (depth === itemDepth + 1 && this.#field) {
      const { attribute, rank, text, parts } = this.#field
      builder.add(attribute, parts.size > 0 ? joinParts(PARTS[attribute] ?? [], parts) : text, rank)
      this.#field = undefined
    } else this.#separate()
  }

  /** Separates the texts before and after a tag within a description. */
  #separate(): void {
    if (this.#field?.attribute === 'description' && this.#field.text.length < TEXT_MAX) this.#field.text += ' '
  }
}

/** Returns a reference that the parser has left in a text; an empty text if XML excludes its character. */
function withoutExcluded(reference: string, hex: string | undefined, decimal: string | undefined): string {
  const codePoint = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  const isCharacter = codePoint <= 0x10ffff && !(codePoint >= 0xd800 && codePoint <= 0xdfff)
  return isCharacter && removeExcludedFromXml(String.fromCodePoint(codePoint)) !== '' ? reference : ''
}

/** Joins the parts of a value in the form of tables, such as `section:name:value`. Only the last one can have colons. */
const joinParts = (names: readonly string[], parts: ReadonlyMap<string, string>): string =>
  names
    .map((name, i) => {
      const part = parts.get(name) ?? ''
      return i < names.length - 1 ? part.replaceAll(':', ' ') : part
    })
    .join(':')

/** The parser knows the five entities of XML only. It reads a DTD over, and rejects the entities that it declares. */
const createParser = () =>
  new SaxesParser({
    xmlns: true,
    // Some feeds do not declare the prefixes.
    additionalNamespaces: { g: GOOGLE_NAMESPACE, c: CUSTOM_NAMESPACE }
  })

const invalid = (detail: string) => new SourceError('invalid', { detail })
