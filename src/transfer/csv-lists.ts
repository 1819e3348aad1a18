import type { ProductAttribute, ProductOption } from '../../schemas/variant.js'

/* Lists in a cell: texts, joined with `|`. A backslash escapes `|` and itself. */

/** Joins texts to a list. */
export const joinList = (items: readonly string[]): string =>
  items.map((item) => item.replaceAll(/[\\|]/g, '\\$&')).join('|')

/** Splits a list at each `|` that is not escaped. Trims the items and drops empty ones. */
export const splitList = (cell: string): string[] =>
  [...cell.matchAll(/(?:^|\|)((?:\\.|[^\\|])*\\?)/gsu)]
    .map(([, item = '']) => item.replaceAll(/\\([\\|])/g, '$1').trim())
    .filter((item) => item !== '')

/** Joins attributes to a list of texts such as `Color: red`. */
export const joinAttributes = (attributes: readonly ProductAttribute[]): string =>
  joinList(attributes.map(({ name, value }) => `${name}: ${value}`))

/** Splits a list of attributes. Returns the text of the first item that is none. */
export function splitAttributes(cell: string): ProductAttribute[] | string {
  const attributes: ProductAttribute[] = []
  for (const item of splitList(cell)) {
    const [, name, value] = /^([^:]+):(.+)$/su.exec(item) ?? []
    if (name === undefined || value === undefined) return item
    attributes.push({ name: name.trim(), value: value.trim() })
  }
  return attributes
}

/** Joins options to a list that repeats the name of an option for each value: `Size: S|Size: M|Color: red`. */
export const joinOptions = (options: readonly ProductOption[]): string =>
  joinAttributes(options.flatMap(({ name, values }) => values.map((value) => ({ name, value }))))

/** Splits a list of options. Returns the text of the first item that is none. */
export function splitOptions(cell: string): ProductOption[] | string {
  const attributes = splitAttributes(cell)
  if (typeof attributes === 'string') return attributes
  const values = new Map<string, string[]>()
  for (const { name, value } of attributes) {
    const known = values.get(name)
    if (known) known.push(value)
    else values.set(name, [value])
  }
  return [...values].map(([name, values]) => ({ name, values }))
}
