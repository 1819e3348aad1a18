import { Product } from '../../schemas/product.js'
import type { Availability, ProductAttribute, ProductVariant } from '../../schemas/variant.js'
import { UNCATEGORIZED } from '../products/categories.js'
import type { CategoryTree } from '../products/category-tree.js'
import { isGtin } from '../products/gtin.js'
import { looksLikeHtml, textToHtml } from '../products/html.js'
import { NO_END, NO_START, type Trait, toTrait } from '../products/merchant-feed.js'
import { currencyDigits } from '../products/money.js'
import { toVariantIds } from './merchant-ids.js'

/** The attributes of an item in the order of a feed, with the form of their values: a text, texts, or names with values. */
export const merchantAttributes = {
  id: 'text',
  item_group_id: 'text',
  item_group_title: 'text',
  sku: 'text',
  title: 'text',
  description: 'text',
  link: 'text',
  image_link: 'text',
  additional_image_link: 'texts',
  availability: 'text',
  quantity_to_sell_on_facebook: 'text',
  price: 'text',
  sale_price: 'text',
  sale_price_effective_date: 'text',
  brand: 'text',
  gtin: 'text',
  mpn: 'text',
  identifier_exists: 'text',
  condition: 'text',
  product_type: 'texts',
  color: 'text',
  size: 'text',
  material: 'text',
  pattern: 'text',
  gender: 'text',
  age_group: 'text',
  variant_option: 'pairs',
  product_detail: 'pairs',
  product_highlight: 'texts',
  shipping_weight: 'text',
  product_length: 'text',
  product_width: 'text',
  product_height: 'text'
} as const satisfies Record<string, keyof Forms>
interface Forms {
  text: string
  texts: readonly string[]
  pairs: readonly ProductAttribute[]
}
export type MerchantAttribute = keyof typeof merchantAttributes

/** An item of a merchant feed. An attribute without a value is missing. */
export type MerchantItem = { [name in MerchantAttribute]?: Forms[(typeof merchantAttributes)[name]] | undefined }

const ADDITIONAL_IMAGES_MAX = 10
const TITLE_MAX = Product.properties.title.maxLength as number
/** Platforms do not tell low stock from enough. */
const availabilities: Record<Availability, string> = {
  'in-stock': 'in_stock',
  'low-stock': 'in_stock',
  preorder: 'preorder',
  backorder: 'backorder',
  'out-of-stock': 'out_of_stock'
}
/** The values that platforms accept. They reject items with others. */
const CHOICES: { readonly [trait in Trait]?: readonly string[] } = {
  gender: ['male', 'female', 'unisex'],
  age_group: ['newborn', 'infant', 'toddler', 'kids', 'adult']
}

/**
 * Converts a product to the items of a merchant feed: one for each variant, which share `item_group_id`, or one for a product without
 * variants. Drafts and archived products have none.
 */
export function* toMerchantItems(product: Product, categories: CategoryTree): Generator<MerchantItem> {
  if (product.status !== 'active') return
  const { id, title, variants } = product
  const [first] = variants
  if (!first || (variants.length === 1 && first.options.length === 0)) {
    const barcode = product.barcode || (first?.barcode ?? '')
    yield toItem({ ...product, barcode }, [], { id: String(id), title }, categories)
    return
  }
  const ids = toVariantIds(product)
  for (const [i, variant] of variants.entries()) {
    const { options } = variant
    const head = {
      id: ids[i],
      item_group_id: String(id),
      item_group_title: title,
      title: toVariantTitle(title, options)
    }
    yield toItem(withVariant(product, variant), options, head, categories)
  }
}

/** Adds the choice to a title, unless the result is longer than a title can be. */
function toVariantTitle(title: string, options: readonly ProductAttribute[]): string {
  const whole = [title, options.map(({ value }) => value).join(', ')].filter((part) => part !== '').join(' - ')
  return [...whole].length > TITLE_MAX ? title : whole
}

/** Returns the product with the values of one of its variants. */
function withVariant(product: Product, variant: ProductVariant): Product {
  const { sku = '', barcode = '', price, salePrice, stock, availability, image } = variant
  const images = image === undefined ? product.images : [...new Set([image, ...product.images])]
  const { stock: _, salePrice: __, ...others } = product
  return {
    ...others,
    ...{ sku, barcode, price, availability, images },
    ...(salePrice !== undefined && { salePrice }),
    ...(stock !== undefined && { stock })
  }
}

type Head = Pick<MerchantItem, 'id' | 'item_group_id' | 'item_group_title' | 'title'>

function toItem(product: Product, options: ProductAttribute[], head: Head, categories: CategoryTree): MerchantItem {
  const { sku, description, url, images, thumbnail, stock, price, currency, brand, barcode, mpn } = product
  const [image = thumbnail, ...otherImages] = images
  const gtin = isGtin(barcode) ? barcode : undefined
  const hasIdentifier = gtin !== undefined || (brand !== undefined && mpn !== undefined)
  const { values, details } = splitAttributes(product, options)
  return {
    ...head,
    sku,
    description: looksLikeHtml(description) ? textToHtml(description) : description,
    link: url,
    image_link: image,
    additional_image_link: otherImages.slice(0, ADDITIONAL_IMAGES_MAX),
    availability: availabilities[product.availability],
    quantity_to_sell_on_facebook: stock?.toString(),
    price: toPrice(price, currency),
    ...toSale(product),
    brand,
    gtin,
    mpn,
    identifier_exists: hasIdentifier ? undefined : 'no',
    condition: product.condition,
    product_type: toCategoryPath(product.category, categories),
    ...values,
    variant_option: options,
    product_detail: details,
    product_highlight: product.tags,
    shipping_weight: toMeasure(product.weight, 'kg'),
    product_length: toMeasure(product.dimensions.depth, 'cm'),
    product_width: toMeasure(product.dimensions.width, 'cm'),
    product_height: toMeasure(product.dimensions.height, 'cm')
  }
}

const toPrice = (price: number, currency: string) => `${price.toFixed(currencyDigits(currency))} ${currency}`

/** Platforms reject a sale price that is not lower than the price. */
function toSale({ price, salePrice, currency, salePriceFrom, salePriceUntil }: Product): MerchantItem {
  if (salePrice === undefined || salePrice >= price) return {}
  const isLimited = salePriceFrom !== undefined || salePriceUntil !== undefined
  const period = `${toSeconds(salePriceFrom ?? NO_START)}/${toSeconds(salePriceUntil ?? NO_END)}`
  return { sale_price: toPrice(salePrice, currency), ...(isLimited && { sale_price_effective_date: period }) }
}

const toSeconds = (time: string) => time.replace(/\.\d+Z$/, 'Z')

/** Returns the names of a category and its ancestors, such as `Home > Garden`. */
function toCategoryPath(slug: string, categories: CategoryTree): string[] {
  const path = categories.pathToTop(slug).reverse()
  const name = path.map((slug) => categories.nameOf(slug).replaceAll('>', '›')).join(' > ')
  return name === '' || name.toLowerCase() === UNCATEGORIZED ? [] : [name]
}

/**
 * Returns the attributes and options for which platforms have an attribute of their own, and all other attributes. An item has only one
 * color, for example: that of its option, or else the first one.
 * @param chosen The values of the options of the item.
 */
function splitAttributes({ attributes, options }: Product, chosen: readonly ProductAttribute[]) {
  const values: { [trait in Trait]?: string } = {}
  const used = new Set<Trait | undefined>()
  const add = ({ name, value }: ProductAttribute): boolean => {
    const trait = toTrait(name)
    if (trait === undefined || used.has(trait) || CHOICES[trait]?.includes(value.toLowerCase()) === false) return false
    used.add(trait)
    values[trait] = value
    return true
  }
  for (const option of chosen) add(option)
  for (const { name } of options) used.add(toTrait(name))
  return { values, details: attributes.filter((attribute) => !add(attribute)) }
}

/** Returns a measure with up to six decimal places; undefined if it is unknown. */
function toMeasure(amount: number, unit: string): string | undefined {
  const number = Number(amount.toFixed(6))
  return number > 0 ? `${number} ${unit}` : undefined
}
