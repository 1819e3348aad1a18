/** An item of a merchant feed: texts and lists of texts by the name of the attribute. */
export type FeedItem = Readonly<Record<string, string | readonly string[]>>

/** An item that cannot be mapped. */
export interface UnreadableItem {
  /** Its id, if it was readable. */
  id: string | undefined
  /** What is wrong with it. */
  unreadable: string
}

const ATTRIBUTES = new Set(
  (
    'id item_group_id item_group_title sku title description link canonical_link image_link availability price sale_price ' +
    'sale_price_effective_date brand gtin mpn condition product_type google_product_category color size material pattern gender age_group product_weight shipping_weight ' +
    'product_length product_width product_height inventory quantity_to_sell_on_facebook custom_label_0 custom_label_1 custom_label_2 ' +
    'custom_label_3 custom_label_4'
  ).split(' ')
)
/** Attributes with several values. */
const LISTS = new Set(['additional_image_link', 'product_detail', 'product_highlight', 'variant_option'])
/** Names of attributes in other feeds. */
const ALIASES: Record<string, string> = { summary: 'description', content: 'description' }

/** Maximum length of a text: more than a mapping reads. */
const TEXT_MAX = 250_000
/** Maximum number of values of a list: more than a mapping reads. */
const VALUES_MAX = 200
/** Maximum length of all texts of an item. */
const SIZE_MAX = 1_000_000

/**
 * Returns the name of an attribute in the form `image_link`: feeds differ in case, and in blanks and hyphens. Returns undefined if the
 * service does not know the attribute.
 */
export function toAttributeName(name: string): string | undefined {
  const normal = name
    .trim()
    .toLowerCase()
    .replace(/^g:/, '')
    .replace(/[\s_-]+/g, '_')
  const known = Object.hasOwn(ALIASES, normal) ? (ALIASES[normal] as string) : normal
  return ATTRIBUTES.has(known) || LISTS.has(known) ? known : undefined
}

export const isListAttribute = (name: string): boolean => LISTS.has(name)

/** Collects the attributes of an item. Unknown ones are ignored. */
export class ItemBuilder {
  readonly #item: Record<string, string | string[]> = {}
  readonly #ranks = new Map<string, number>()
  #size = 0

  /**
   * Adds a value of an attribute.
   * @param attribute A name that `toAttributeName` returned.
   * @param rank If an attribute occurs more than once, the first value with the highest rank counts, unless it is a list.
   */
  add(attribute: string, value: string, rank = 0): void {
    const text = value.slice(0, TEXT_MAX).trim()
    if (text === '') return
    if (LISTS.has(attribute)) {
      this.#item[attribute] ??= []
      const list = this.#item[attribute] as string[]
      if (list.length === VALUES_MAX) return
      list.push(text)
    } else {
      const known = this.#ranks.get(attribute)
      if (known !== undefined && known >= rank) return
      this.#ranks.set(attribute, rank)
      this.#item[attribute] = text
    }
    this.#size += text.length
    if (this.#size > SIZE_MAX) for (const name of Object.keys(this.#item)) if (name !== 'id') delete this.#item[name]
  }

  finish(): FeedItem | UnreadableItem {
    if (this.#size <= SIZE_MAX) return this.#item
    const { id } = this.#item
    return { id: typeof id === 'string' ? id : undefined, unreadable: `must have at most ${SIZE_MAX} characters` }
  }
}

export const isUnreadable = (item: FeedItem | UnreadableItem): item is UnreadableItem =>
  Object.hasOwn(item, 'unreadable')
