import { Dimensions, Product } from '../../../../schemas/product.js'
import type { MappedField, SourceMapping } from '../../../../schemas/source-mapping.js'
import { ProductAttribute } from '../../../../schemas/variant.js'
import { toMappedRecord } from '../mapped-product.js'
import type { MappedRecord, SourceSettings } from '../source-kind.js'
import { SourceRecord } from '../source-record.js'
import { availabilities, conditions } from '../source-values.js'
import { combineVariants } from '../source-variants.js'
import { Expressions, type RecordResults } from './expressions.js'
import { asList, findValue, type MappedInput, readMoney } from './field-values.js'
import { mapVariants } from './file-mapping-variants.js'

const { properties: limits } = Product
const { properties: dimensionLimits } = Dimensions
const { properties: attributeLimits } = ProductAttribute

/** The expressions of each mapping. The thread gets a copy of the mapping for each page. */
const parsed = new WeakMap<SourceMapping, Expressions>()

/**
 * Maps a record as the file in `SOURCE_MAPPING` says.
 * @throws {SourceError} if an expression of the mapping takes too long.
 */
export function mapRecord(from: unknown, settings: SourceSettings): MappedRecord | Promise<MappedRecord> {
  const mapping = settings.mapping as SourceMapping
  const expressions = parsed.get(mapping) ?? new Expressions(mapping)
  parsed.set(mapping, expressions)
  if (expressions.isEmpty) return mapWith(from, mapping, settings.currency)
  return expressions.evaluate(from).then((results) => mapWith(from, mapping, settings.currency, results))
}

function mapWith(
  from: unknown,
  { fields, variants }: SourceMapping,
  defaultCurrency: string,
  results?: RecordResults
): MappedRecord {
  const record = new SourceRecord(from, { hasNumbersAsText: true, hasTimesWithoutZone: true })
  if (typeof from !== 'object' || from === null) return { id: undefined, problem: record.explain('/') }
  const input = { record, results: results?.record }
  const identity = findValue(input, 'externalId', fields.externalId)
  const externalId = identity.id('', limits.externalId)
  if (externalId === undefined) return { id: undefined, problem: identity.explain('') }
  const code = findValue(input, 'currency', fields.currency)
  const currency = code.value('') === undefined ? defaultCurrency : code.currency('')
  // In an unknown currency, the price means nothing.
  if (currency === undefined) return { id: externalId, problem: code.explain('') }
  const find = (name: string, field: MappedField | undefined) => findValue(input, name, field)
  const name = find('title', fields.title)
  const title = name.line('', limits.title)
  if (title === undefined) return { id: externalId, problem: name.explain('') }

  const price = readMoney(input, 'price', fields.price, currency)
  const availability = find('availability', fields.availability).choice('', availabilities)
  const found = variants && mapVariants(record, variants, currency, { price, availability }, results?.variants)
  const first = found?.find((variant) => variant !== undefined)
  if (price === undefined && !first) return { id: externalId, problem: find('price', fields.price).explain('') }
  const { dimensions = {} } = fields
  const dimension = (name: keyof typeof dimensions) => find(name, dimensions[name]).decimal('', dimensionLimits[name])
  return toMappedRecord(record, NO_POINTERS, {
    externalId,
    sku: find('sku', fields.sku).code('', limits.sku) ?? first?.sku,
    title,
    description: find('description', fields.description).lines('', limits.description),
    categoryPath: asList(find('category', fields.category)).categoryPath(''),
    brand: find('brand', fields.brand).line('', limits.brand),
    price: price ?? first?.price,
    currency,
    salePrice: readSalePrice(input, fields.salePrice, currency, price) ?? first?.salePrice,
    salePriceFrom: find('salePriceFrom', fields.salePriceFrom).time(''),
    salePriceUntil: find('salePriceUntil', fields.salePriceUntil).time(''),
    discountPercentage: find('discountPercentage', fields.discountPercentage).decimal('', limits.discountPercentage),
    rating: find('rating', fields.rating).decimal('', limits.rating),
    stock: find('stock', fields.stock).integer('', limits.stock) ?? first?.stock,
    availability: availability ?? first?.availability,
    ...(found && combineVariants(record, variants.records, found)),
    tags: find('tags', fields.tags).words('', limits.tags),
    images: asList(find('images', fields.images)).urls('', limits.images),
    thumbnail: find('thumbnail', fields.thumbnail).url(''),
    weight: find('weight', fields.weight).decimal('', limits.weight),
    dimensions: {
      width: dimension('width') ?? 0,
      height: dimension('height') ?? 0,
      depth: dimension('depth') ?? 0
    },
    url: find('url', fields.url).url(''),
    mpn: find('mpn', fields.mpn).code('', limits.mpn),
    barcode: find('barcode', fields.barcode).code('', limits.barcode) ?? first?.barcode,
    condition: find('condition', fields.condition).choice('', conditions),
    minimumOrderQuantity: find('minimumOrderQuantity', fields.minimumOrderQuantity).integer(
      '',
      limits.minimumOrderQuantity
    ),
    warranty: find('warranty', fields.warranty).lines('', limits.warranty),
    shipping: find('shipping', fields.shipping).lines('', limits.shipping),
    returnPolicy: find('returnPolicy', fields.returnPolicy).lines('', limits.returnPolicy),
    attributes: Object.entries(fields.attributes ?? {})
      .flatMap(([name, field]) => readAttribute(name, asList(find(name, field))))
      .slice(0, limits.attributes.maxItems),
    createdAt: find('createdAt', fields.createdAt).time(''),
    updatedAt: find('updatedAt', fields.updatedAt).time('')
  })
}

/** The fields that a product must have are known before. */
const NO_POINTERS = { externalId: '', title: '', price: '' }

function readSalePrice(
  input: MappedInput,
  field: MappedField | undefined,
  currency: string,
  price: number | undefined
): number | undefined {
  const salePrice = readMoney(input, 'salePrice', field, currency)
  if (salePrice === undefined || price === undefined || salePrice < price) return salePrice
  findValue(input, 'salePrice', field).drop('', 'must be below the price')
  return undefined
}

/** Returns the values of an attribute. A list gives several. */
function readAttribute(name: string, values: SourceRecord): ProductAttribute[] {
  return values.list('').flatMap((item) => {
    const raw = item.value('')
    const value = typeof raw === 'boolean' ? String(raw) : item.line('', attributeLimits.value)
    return value === undefined ? [] : [{ name, value }]
  })
}
