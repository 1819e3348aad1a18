/** The form of the cells of a column. */
export type CellType =
  /** A decimal number. */
  | 'number'
  /** Text. */
  | 'text'
  /** Text that identifies something. Spreadsheets damage those that consist of digits. */
  | 'identifier'
  /** Texts, joined with `|`. */
  | 'list'
  /** Names with their values, such as `Color: red`, joined with `|`. */
  | 'attributes'
  /** Options in the same form. The values of an option follow each other. */
  | 'options'
  /** JSON. */
  | 'json'

/** The columns in the order of exports. Reviews have no column, because they have no flat form, and neither has `onSale`, which follows from the sale. */
export const columns = {
  id: 'number',
  sku: 'identifier',
  title: 'text',
  description: 'text',
  category: 'text',
  brand: 'text',
  price: 'number',
  currency: 'text',
  discountPercentage: 'number',
  salePrice: 'number',
  salePriceFrom: 'text',
  salePriceUntil: 'text',
  rating: 'number',
  stock: 'number',
  availability: 'text',
  status: 'text',
  tags: 'list',
  thumbnail: 'text',
  images: 'list',
  weight: 'number',
  width: 'number',
  height: 'number',
  depth: 'number',
  warranty: 'text',
  shipping: 'text',
  returnPolicy: 'text',
  minimumOrderQuantity: 'number',
  barcode: 'identifier',
  mpn: 'identifier',
  condition: 'text',
  url: 'text',
  externalId: 'identifier',
  attributes: 'attributes',
  options: 'options',
  variants: 'json',
  createdAt: 'text',
  updatedAt: 'text',
  origin: 'text',
  edited: 'list',
  version: 'text'
} as const satisfies Record<string, CellType>
export type Column = keyof typeof columns

export const columnNames = Object.keys(columns) as Column[]
