import type { Product } from '../../schemas/product.js'
import { INT32_MAX } from '../../schemas/scalars.js'
import {
  AVAILABILITIES,
  type Availability,
  type ProductAttribute,
  type ProductOption,
  type ProductVariant
} from '../../schemas/variant.js'
import type { ProductVariantInput } from '../../schemas/variant-input.js'
import { formatValue } from '../support/validation-errors.js'
import { toAttribute } from './attributes.js'
import { InconsistentProductError } from './errors.js'
import { roundPrice } from './money.js'

/** The fields of a product that follow from its variants. */
export const DERIVED_FIELDS = ['price', 'salePrice', 'stock', 'availability'] as const satisfies (keyof Product)[]
export type DerivedField = (typeof DERIVED_FIELDS)[number]

/** The values of a product that follow from its variants. */
export interface DerivedValues {
  price: number
  /** The lowest price including sale prices. Undefined if it is not below `price`. */
  salePrice: number | undefined
  /** Undefined if the stock of no variant is known. */
  stock: number | undefined
  availability: Availability
}

/** Returns the values that follow from the variants of a product; undefined if it has none. */
export function deriveFromVariants(variants: readonly ProductVariant[]): DerivedValues | undefined {
  if (variants.length === 0) return undefined
  const price = Math.min(...variants.map(({ price }) => price))
  const lowest = Math.min(...variants.map(({ price, salePrice = price }) => salePrice))
  const stocks = variants.flatMap(({ stock }) => stock ?? [])
  const ranks = variants.map(({ availability }) => AVAILABILITIES.indexOf(availability))
  return {
    price,
    salePrice: lowest < price ? lowest : undefined,
    stock:
      stocks.length === 0
        ? undefined
        : Math.min(
            stocks.reduce((sum, stock) => sum + stock, 0),
            INT32_MAX
          ),
    availability: AVAILABILITIES[Math.min(...ranks)] as Availability
  }
}

/** Returns the availability of a new product or variant whose availability nobody has set. */
export const availabilityOfNew = (stock: number | undefined): Availability => (stock ? 'in-stock' : 'out-of-stock')

/** Converts an option that an editor has written. */
export const toOption = ({ name, values }: ProductOption): ProductOption => ({ name, values })

/** Returns a product or a variant with its prices rounded to the decimal places of a currency. */
export const roundPrices = <T extends Pick<ProductVariant, 'price' | 'salePrice'>>(priced: T, currency: string): T => ({
  ...priced,
  price: roundPrice(priced.price, currency),
  ...(priced.salePrice !== undefined && { salePrice: roundPrice(priced.salePrice, currency) })
})

/** Converts a variant that an editor has written. @param currency The currency of the catalog. */
export const toVariant = (input: ProductVariantInput, currency: string): ProductVariant => ({
  ...(input.sku !== undefined && { sku: input.sku }),
  ...(input.externalId !== undefined && { externalId: input.externalId }),
  ...(input.barcode !== undefined && { barcode: input.barcode }),
  options: input.options.map(toAttribute),
  price: roundPrice(input.price, currency),
  ...(input.salePrice !== undefined && { salePrice: roundPrice(input.salePrice, currency) }),
  ...(input.stock !== undefined && { stock: input.stock }),
  availability: input.availability ?? availabilityOfNew(input.stock),
  ...(input.image !== undefined && { image: input.image })
})

/**
 * Checks that options and variants agree: names and values of options are different, a variant has at most one declared value for each
 * option, and no two variants have the same values.
 * @throws {InconsistentProductError}
 */
export function requireConsistentVariants({ options, variants }: Pick<Product, 'options' | 'variants'>): void {
  const valuesByName = new Map<string, ReadonlySet<string>>()
  for (const [i, { name, values }] of options.entries()) {
    if (valuesByName.has(name)) throw repeated(`/options/${i}/name`, name)
    const known = new Set<string>()
    for (const [j, value] of values.entries()) {
      if (known.has(value)) throw repeated(`/options/${i}/values/${j}`, value)
      known.add(value)
    }
    valuesByName.set(name, known)
  }
  const combinations = new Map<string, number>()
  for (const [i, variant] of variants.entries()) {
    const combination = toCombination(variant.options, valuesByName, `/variants/${i}/options`)
    const other = combinations.get(combination)
    if (other !== undefined) {
      throw new InconsistentProductError(`/variants/${i}/options`, `has the same values as /variants/${other}`)
    }
    combinations.set(combination, i)
  }
}

/** Returns a text that is equal for variants with the same values. */
function toCombination(
  chosen: readonly ProductAttribute[],
  valuesByName: ReadonlyMap<string, ReadonlySet<string>>,
  pointer: string
): string {
  const values = new Map<string, string>()
  for (const [i, { name, value }] of chosen.entries()) {
    const known = valuesByName.get(name)
    if (!known) {
      throw new InconsistentProductError(
        `${pointer}/${i}/name`,
        `must be the name of an option (got ${formatValue(name)})`
      )
    }
    if (values.has(name)) throw repeated(`${pointer}/${i}/name`, name)
    if (!known.has(value)) {
      const got = formatValue(value)
      throw new InconsistentProductError(
        `${pointer}/${i}/value`,
        `must be a value of the option ${formatValue(name)} (got ${got})`
      )
    }
    values.set(name, value)
  }
  return JSON.stringify([...valuesByName.keys()].map((name) => values.get(name) ?? null))
}

const repeated = (pointer: string, value: string) =>
  new InconsistentProductError(pointer, `must not occur twice (got ${formatValue(value)})`)

/**
 * Checks that the values that an editor has written are those that follow from the variants.
 * @param written The written values. Null removes a field.
 * @throws {InconsistentProductError}
 */
export function requireDerivedValues(
  written: { readonly [name in DerivedField]?: Product[name] | null | undefined },
  variants: readonly ProductVariant[]
): void {
  const derived = deriveFromVariants(variants)
  if (!derived) return
  for (const name of DERIVED_FIELDS) {
    const value = written[name]
    if (value === undefined || (value ?? undefined) === derived[name]) continue
    const wanted =
      derived[name] === undefined
        ? 'must be left out, because the variants give no value'
        : `must be ${formatValue(derived[name])}, which follows from the variants, or be left out`
    throw new InconsistentProductError(`/${name}`, `${wanted} (got ${formatValue(value)})`)
  }
}
