import { Product } from '../../../../schemas/product.js'
import { ATTRIBUTES_MAX, ProductAttribute } from '../../../../schemas/variant.js'
import type { CategoryStep } from '../../../products/categories.js'
import { toTrait } from '../../../products/merchant-feed.js'
import { toMappedRecord } from '../mapped-product.js'
import type { MappedRecord, SourceSettings } from '../source-kind.js'
import { SourceRecord } from '../source-record.js'
import { combineVariants } from '../source-variants.js'
import { type FeedItem, isUnreadable, type UnreadableItem } from './feed-items.js'
import { type Offer, readOffer, toVariant } from './feed-offers.js'
import { LENGTHS, parseDetail, parseMeasure, WEIGHTS } from './feed-values.js'
import type { ItemGroup } from './item-groups.js'
import { toCommonTitle } from './offer-titles.js'

const { properties: limits } = Product
const LABELS = [0, 1, 2, 3, 4].map((number) => `/custom_label_${number}`)
const PATH_SEPARATOR = '>'
const conditions = {
  new: 'new',
  refurbished: 'refurbished',
  used: 'used',
  'used like new': 'used',
  'used good': 'used',
  'used fair': 'used'
} as const

/**
 * Maps an item of a merchant feed, or the items of a group, which are the variants of one product. Fields that variants do not have come
 * from the first item that has them.
 */
export function mapProduct(from: unknown, { currency }: Pick<SourceSettings, 'currency'>): MappedRecord {
  const given = from as FeedItem | ItemGroup | UnreadableItem
  if (isUnreadable(given as FeedItem | UnreadableItem)) return toQuarantined(given as UnreadableItem)
  const record = new SourceRecord(from, { hasNumbersAsText: true })
  const isGroup = Object.hasOwn(given, 'items')
  const items = isGroup ? record.list('/items') : [record]
  const offers = findOffers(items, currency)
  const [first] = offers
  const sale = offers.find(({ salePrice }) => salePrice !== undefined)
  const place = isGroup ? '/items/0' : ''
  const pointers = {
    externalId: isGroup ? '/item_group_id' : '/id',
    title: `${place}/title`,
    price: `${place}/price`
  }
  return toMappedRecord(record, pointers, {
    externalId: record.id(pointers.externalId, limits.externalId),
    title:
      (isGroup ? find(items, (item) => item.line('/item_group_title', limits.title)) : undefined) ??
      toTitle(offers, items),
    sku: isGroup ? undefined : first?.sku,
    description: find(items, (item) => item.textOrHtml('/description', limits.description)),
    categoryPath:
      find(items, (item) => item.category('/product_type', PATH_SEPARATOR)) ?? find(items, readGoogleCategory),
    brand: find(items, (item) => item.line('/brand', limits.brand)),
    price: first?.price,
    currency: first?.currency ?? currency,
    salePrice: first?.salePrice,
    salePriceFrom: sale?.salePeriod?.from,
    salePriceUntil: sale?.salePeriod?.until,
    stock: first?.stock,
    availability: first?.availability,
    barcode: offers.length === 1 ? first?.barcode : undefined,
    mpn: offers.every(({ mpn }) => mpn === first?.mpn) ? first?.mpn : undefined,
    condition: find(items, (item) => item.choice('/condition', conditions)),
    url: find(items, (item) => item.url('/link') ?? item.url('/canonical_link')),
    images: readImages(items, offers),
    tags: readTags(items),
    weight: find(items, (item) => readWeight(item, '/product_weight') ?? readWeight(item, '/shipping_weight')),
    dimensions: {
      width: find(items, (item) => readLength(item, '/product_width')) ?? 0,
      height: find(items, (item) => readLength(item, '/product_height')) ?? 0,
      depth: find(items, (item) => readLength(item, '/product_length')) ?? 0
    },
    ...readTraits(record, items, offers, isGroup)
  })
}

const toQuarantined = ({ id, unreadable }: UnreadableItem): MappedRecord => ({
  id: id?.slice(0, limits.externalId.maxLength),
  problem: { pointer: '', problem: unreadable, value: undefined }
})

/** Returns the first value that one of the items has. */
function find<T>(items: readonly SourceRecord[], read: (item: SourceRecord) => T | undefined): T | undefined {
  for (const item of items) {
    const value = read(item)
    if (value !== undefined) return value
  }
  return undefined
}

/** Returns the items with a usable price in the currency that most of them have, and with the same period of the sale. */
function findOffers(items: readonly SourceRecord[], currency: string): Offer[] {
  const usable = items.flatMap((item, i) => readOffer(item, i, currency) ?? [])
  const counts = new Map<string, number>()
  for (const { currency } of usable) counts.set(currency, (counts.get(currency) ?? 0) + 1)
  const [[main] = []] = [...counts].sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1))
  const ids = new Set<string>()
  const offers = usable.filter(({ record: item, id, currency }) => {
    const isRepeated = id !== undefined && ids.has(id)
    if (currency !== main) item.drop('/price', `must be in ${main} like most variants`)
    else if (isRepeated) item.drop('/id', 'must not be the id of another variant')
    else if (id !== undefined) ids.add(id)
    return currency === main && !isRepeated
  })
  const sale = offers.find(({ salePrice }) => salePrice !== undefined)
  for (const offer of offers) {
    if (offer.salePrice === undefined || hasSamePeriod(offer, sale)) continue
    offer.record.drop('/sale_price', 'must have the same period as those of other variants')
    offer.salePrice = undefined
  }
  return offers
}

const hasSamePeriod = (offer: Offer, other: Offer | undefined) =>
  offer.salePeriod?.from === other?.salePeriod?.from && offer.salePeriod?.until === other?.salePeriod?.until

function toTitle(offers: readonly Offer[], items: readonly SourceRecord[]): string | undefined {
  const [first, ...others] = offers.flatMap(({ title }) => title ?? [])
  if (first !== undefined) return toCommonTitle([first, ...others])
  return find(items, (item) => item.line('/title', limits.title))
}

/** Reads the category of Google, which is used if the shop names none of its own. It can be a number, which is no name. */
function readGoogleCategory(item: SourceRecord): CategoryStep[] | undefined {
  const name = item.line('/google_product_category', {})
  return name === undefined || /^\d+$/.test(name)
    ? undefined
    : item.category('/google_product_category', PATH_SEPARATOR)
}

/** Reads the images of the first item, and one of each other. */
function readImages([item]: readonly SourceRecord[], offers: readonly Offer[]): string[] {
  const [first, ...others] = offers.flatMap(({ image }) => image ?? [])
  const more = item?.urls('/additional_image_link', limits.images) ?? []
  const images = [...(first === undefined ? [] : [first]), ...more, ...others]
  return [...new Set(images)].slice(0, limits.images.maxItems)
}

function readTags([item]: readonly SourceRecord[]): string[] {
  const labels = LABELS.map((pointer) => item?.line(pointer, limits.tags.items)).filter((label) => label !== undefined)
  const maxItems = (limits.tags.maxItems as number) - labels.length
  return [...labels, ...(item?.words('/product_highlight', { ...limits.tags, maxItems }) ?? [])]
}

const readWeight = (item: SourceRecord, pointer: string) =>
  item.parsed(pointer, (text) => parseMeasure(text, WEIGHTS), 'must be a weight such as 0.2 kg')

const readLength = (item: SourceRecord, pointer: string) =>
  item.parsed(pointer, (text) => parseMeasure(text, LENGTHS), 'must be a length such as 20 cm')

/**
 * Returns the declared options and the traits in which the offers differ as options of variants, and the other traits as attributes. An
 * item without a group has no options, only attributes.
 */
function readTraits(record: SourceRecord, items: readonly SourceRecord[], offers: readonly Offer[], isGroup: boolean) {
  const declared = new Set(offers.flatMap(({ options }) => options.map(({ name }) => toTrait(name))))
  const traitsOf = ({ traits }: Offer) => traits.filter(({ name }) => !declared.has(toTrait(name)))
  const names = [...new Set(offers.flatMap((offer) => traitsOf(offer).map(({ name }) => name)))]
  const traitOf = (offer: Offer, name: string) => traitsOf(offer).find((trait) => trait.name === name)?.value
  const differing = new Set(names.filter((name) => new Set(offers.map((offer) => traitOf(offer, name))).size > 1))
  const optionsOf = (offer: Offer) =>
    isGroup ? [...offer.options, ...traitsOf(offer).filter(({ name }) => differing.has(name))] : []
  const combinations = new Set(offers.map((offer) => JSON.stringify(optionsOf(offer))))
  const labels = combinations.size < offers.length ? toLabels(offers) : new Map<Offer, string>()
  const found: (ReturnType<typeof toVariant> | undefined)[] = items.map(() => undefined)
  for (const offer of offers) {
    const label = labels.get(offer)
    const extra = label === undefined ? [] : [{ name: 'Variant', value: label }]
    found[offer.position] = toVariant(offer, [...optionsOf(offer), ...extra])
  }
  const [first] = offers
  const shared = first ? traitsOf(first).filter(({ name }) => !differing.has(name)) : []
  const attributes = isGroup ? shared : [...(first?.options ?? []), ...shared]
  return {
    ...combineVariants(record, '/items', found),
    attributes: [...attributes, ...readDetails(items, ATTRIBUTES_MAX - attributes.length)]
  }
}

/** Returns texts that tell offers apart which have the same options: their titles, or else their ids. */
function toLabels(offers: readonly Offer[]): Map<Offer, string> {
  const titles = new Set(offers.map(({ title }) => title))
  const label = ({ title, id }: Offer) => (titles.size === offers.length ? title : id)?.slice(0, 200) ?? ''
  return new Map(offers.map((offer) => [offer, label(offer)]))
}

/** @param max Maximum number of attributes. */
function readDetails([item]: readonly SourceRecord[], max: number): ProductAttribute[] {
  const category = item?.line('/google_product_category', ProductAttribute.properties.value)
  const details = item?.list('/product_detail', { maxItems: category === undefined ? max : max - 1 }) ?? []
  const form = 'must have the form section:name:value, with a short name and value'
  const found = details.map((detail) => detail.parsed('', parseDetail, form)).filter((detail) => detail !== undefined)
  return category === undefined ? found : [...found, { name: 'Google product category', value: category }]
}
