import type { Product } from '../../schemas/product.js'
import type { ProductAttribute, ProductVariant } from '../../schemas/variant.js'
import { toCategoryPath } from '../../src/products/categories.js'
import { isGtin } from '../../src/products/gtin.js'
import { TRAITS, toTrait } from '../../src/products/merchant-feed.js'
import { toVariantIds } from '../../src/transfer/merchant-ids.js'

/** Fields that a feed does not carry. docs/reference/merchant-feeds.md has the same list under "What a feed leaves out". */
export const LEFT_OUT = [
  ...(['id', 'createdAt', 'updatedAt', 'origin', 'edited', 'rating', 'reviews'] as const),
  ...(['warranty', 'shipping', 'returnPolicy', 'minimumOrderQuantity'] as const)
] as const satisfies readonly (keyof Product)[]

const ADDITIONAL_IMAGES_MAX = 10

/** A product as it is compared: without the fields that a feed leaves out, and without the order of variants and attributes. */
export function comparable(product: Product): Record<string, unknown> {
  const kept = Object.entries(product).filter(([name]) => !(LEFT_OUT as readonly string[]).includes(name))
  const { variants, images, attributes, options, ...fields } = Object.fromEntries(kept) as Product
  return {
    ...fields,
    attributes: sorted(attributes),
    images: variants.length > 0 ? sorted(images) : images,
    thumbnail: variants.length > 0 ? undefined : fields.thumbnail,
    options: sorted(options.map(({ name, values }) => ({ name, values: sorted(values) }))),
    variants: sorted(variants.map((variant) => Object.fromEntries(Object.entries(variant).sort())))
  }
}

const sorted = <T>(list: readonly T[]): T[] => list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

/**
 * Returns the product that another service reads from a feed. Each line that changes a value is in the documentation under "What a feed
 * leaves out".
 * @param categoryNames The names of the category and its ancestors.
 */
export function toReadBack(product: Product, categoryNames: readonly string[]): Product {
  const isGroup = product.variants.length > 1 || (product.variants[0]?.options.length ?? 0) > 0
  const mainImage = product.images[0] ?? product.thumbnail
  const variants = isGroup ? toVariants(product, mainImage) : []
  const [only] = product.variants
  const barcode = isGroup ? '' : product.barcode || only?.barcode || ''
  const [first] = variants.toSorted((a, b) => (String(a.externalId) < String(b.externalId) ? -1 : 1))
  const image = first?.image ?? mainImage
  const additional = product.images.filter((url) => url !== image).slice(0, ADDITIONAL_IMAGES_MAX)
  const images = [image, ...additional, ...variants.map(({ image }) => image)].filter((url) => url !== undefined)
  const allImages = [...new Set(images)]
  const hasSale = product.salePrice !== undefined && product.salePrice < product.price
  const hasPeriod = isGroup ? variants.some(({ salePrice }) => salePrice !== undefined) : hasSale
  const { salePrice, salePriceFrom, salePriceUntil, onSale, discountPercentage, thumbnail: _, ...others } = product
  return {
    ...others,
    externalId: String(product.id),
    sku: isGroup ? String(product.id) : product.sku || String(product.id),
    category: toCategoryPath(categoryNames.map((name) => name.replaceAll('>', '›'))).at(-1)?.slug ?? 'uncategorized',
    ...(hasSale && { salePrice, onSale }),
    ...(hasPeriod && salePriceFrom !== undefined && { salePriceFrom: toSeconds(salePriceFrom) }),
    ...(hasPeriod && salePriceUntil !== undefined && { salePriceUntil: toSeconds(salePriceUntil) }),
    discountPercentage: hasSale ? discountPercentage : 0,
    availability: toKnown(product.availability),
    barcode: isGtin(barcode) ? barcode : '',
    images: allImages,
    ...(allImages[0] !== undefined && { thumbnail: allImages[0] }),
    weight: toMicros(product.weight),
    dimensions: {
      width: toMicros(product.dimensions.width),
      height: toMicros(product.dimensions.height),
      depth: toMicros(product.dimensions.depth)
    },
    attributes: renameTraits(product),
    options: isGroup ? usedOptions(product) : [],
    variants
  } as Product
}

function toVariants(product: Product, mainImage: string | undefined): ProductVariant[] {
  const ids = toVariantIds(product)
  return product.variants.map(({ sku, barcode, options, price, salePrice, stock, availability, image }, i) => ({
    sku: sku ?? (ids[i] as string),
    externalId: ids[i] as string,
    ...(barcode !== undefined && isGtin(barcode) && { barcode }),
    options,
    price,
    ...(salePrice !== undefined && salePrice < price && { salePrice }),
    ...(stock !== undefined && { stock }),
    availability: toKnown(availability),
    ...((image ?? mainImage) !== undefined && { image: image ?? mainImage })
  })) as ProductVariant[]
}

const usedOptions = ({ options, variants }: Product) =>
  options
    .map(({ name }) => ({
      name,
      values: [
        ...new Set(
          variants.flatMap(({ options }) => options.filter((option) => option.name === name).map(({ value }) => value))
        )
      ]
    }))
    .filter(({ values }) => values.length > 0)

const CHOICES: Record<string, string[]> = {
  gender: ['male', 'female', 'unisex'],
  age_group: ['newborn', 'infant', 'toddler', 'kids', 'adult']
}

/** An attribute such as `colour` is named `Color`, unless an option has this name or the attribute occurs twice. */
function renameTraits({ attributes, options }: Product): ProductAttribute[] {
  const used = new Set(options.map(({ name }) => toTrait(name)))
  const renamed = attributes.map(({ name, value }) => {
    const trait = toTrait(name)
    const isSupported = trait !== undefined && (CHOICES[trait]?.includes(value.toLowerCase()) ?? true)
    if (trait === undefined || !isSupported || used.has(trait)) return { name, value }
    used.add(trait)
    return { name: TRAITS[trait], value }
  })
  return [...new Map(renamed.map((attribute) => [`${attribute.name}:${attribute.value}`, attribute])).values()]
}

const toKnown = (availability: Product['availability']) => (availability === 'low-stock' ? 'in-stock' : availability)
const toSeconds = (time: string) => time.replace(/\.\d+Z$/, '.000Z')
const toMicros = (amount: number) => Number(amount.toFixed(6))
