import {
  OPTIONS_MAX,
  type ProductAttribute,
  type ProductOption,
  type ProductVariant,
  VARIANTS_MAX
} from '../../../schemas/variant.js'
import { toAttributeKey } from '../../products/attributes.js'
import { toLine } from '../../products/text.js'
import type { SourceRecord } from './source-record.js'

/** The options of a product and its variants. Both lists are empty if the product has no choice. */
export interface OptionsAndVariants {
  options: ProductOption[]
  variants: ProductVariant[]
}

/**
 * Collects the options of a product from its variants, in the order of their appearance. Drops and reports variants that have the same
 * values as an earlier one, and those above the limits. A single variant without options is the product itself.
 * @param pointer The list of the variants in the record.
 * @param found The variants by their position in the list; undefined where one cannot be used.
 */
export function combineVariants(
  record: SourceRecord,
  pointer: string,
  found: readonly (ProductVariant | undefined)[]
): OptionsAndVariants {
  const names = new Set<string>()
  const values = new Map<string, Set<string>>()
  const positions = new Map<string, number>()
  const variants: ProductVariant[] = []
  for (const [i, variant] of found.entries()) {
    if (!variant) continue
    const place = `${pointer}/${i}`
    if (variants.length === VARIANTS_MAX) {
      record.drop(place, `must be one of the first ${VARIANTS_MAX} variants`)
      continue
    }
    const options = distinctOptions(variant.options).filter(({ name }) => {
      if (names.size < OPTIONS_MAX) names.add(name)
      return names.has(name)
    })
    const combination = JSON.stringify(options.map(toAttributeKey).sort())
    const other = positions.get(combination)
    if (other !== undefined) {
      record.drop(place, `must not have the same options as ${pointer}/${other}`)
      continue
    }
    positions.set(combination, i)
    for (const { name, value } of options) values.set(name, (values.get(name) ?? new Set()).add(value))
    variants.push({ ...variant, options })
  }
  if (values.size === 0) return { options: [], variants: [] }
  return { options: [...values].map(([name, known]) => ({ name, values: [...known] })), variants }
}

/** Names of attributes have no colon, because a filter separates the name from the value by one. */
export const toOptionName = (name: string): string => toLine(name.replaceAll(':', ' '))

/** Returns the first value of each option. Leaves out those without a name or a value. */
function distinctOptions(options: readonly ProductAttribute[]): ProductAttribute[] {
  const byName = new Map<string, ProductAttribute>()
  for (const { name: given, value } of options) {
    const name = toOptionName(given)
    if (name !== '' && value !== '' && !byName.has(name)) byName.set(name, { name, value })
  }
  return [...byName.values()]
}
