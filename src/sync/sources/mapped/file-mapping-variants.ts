import type { MappedField, SourceMapping } from '../../../../schemas/source-mapping.js'
import { type Availability, type ProductAttribute, ProductOption, ProductVariant } from '../../../../schemas/variant.js'
import { withoutUndefined } from '../mapped-product.js'
import type { SourceRecord } from '../source-record.js'
import { availabilities } from '../source-values.js'
import type { ExpressionResults } from './expressions.js'
import { findValue, readMoney } from './field-values.js'

const { properties: limits } = ProductVariant
const { properties: optionLimits } = ProductOption

/** The values that a variant takes from its product if it has none of its own. */
interface ProductValues {
  price: number | undefined
  availability: Availability | undefined
}

/**
 * Maps the variants of a record as the file in `SOURCE_MAPPING` says.
 * @param results The results of the expressions for each variant.
 * @returns The variants by their position in the list; undefined where one has no price.
 */
export function mapVariants(
  record: SourceRecord,
  { records, fields, options }: NonNullable<SourceMapping['variants']>,
  currency: string,
  product: ProductValues,
  results: readonly ExpressionResults[] = []
): (ProductVariant | undefined)[] {
  return record.list(records).map((variant, i) => {
    const input = { record: variant, results: results[i] }
    const find = (name: string, field: MappedField | undefined) => findValue(input, name, field)
    const price = readMoney(input, 'price', fields.price, currency) ?? product.price
    if (price === undefined) {
      variant.drop('', 'must have a price')
      return undefined
    }
    const stock = find('stock', fields.stock).integer('', limits.stock)
    const derived = stock === 0 ? 'out-of-stock' : stock === undefined ? product.availability : undefined
    const optional = {
      sku: find('sku', fields.sku).code('', limits.sku),
      externalId: find('externalId', fields.externalId).id('', limits.externalId),
      barcode: find('barcode', fields.barcode).code('', limits.barcode),
      salePrice: readMoney(input, 'salePrice', fields.salePrice, currency),
      stock,
      image: find('image', fields.image).url('')
    }
    return {
      ...withoutUndefined(optional),
      price,
      availability: find('availability', fields.availability).choice('', availabilities) ?? derived ?? 'in-stock',
      options: Object.entries(options).flatMap(([name, field]): ProductAttribute[] => {
        const value = find(name, field).line('', optionLimits.values.items)
        return value === undefined ? [] : [{ name, value }]
      })
    }
  })
}
