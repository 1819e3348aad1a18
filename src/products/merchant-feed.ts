/** The attributes of merchant feeds for properties in which variants often differ, with the names of these properties in the catalog. */
export const TRAITS = {
  color: 'Color',
  size: 'Size',
  material: 'Material',
  pattern: 'Pattern',
  gender: 'Gender',
  age_group: 'Age group'
} as const
export type Trait = keyof typeof TRAITS

const SPELLINGS: Record<string, string> = { colour: 'color' }

/** Returns the attribute of merchant feeds for a property; undefined if they have none. Case, spaces and hyphens do not matter. */
export function toTrait(name: string): Trait | undefined {
  const word = name.toLowerCase().replace(/[\s_-]+/g, '_')
  const usual = Object.hasOwn(SPELLINGS, word) ? (SPELLINGS[word] as string) : word
  return Object.hasOwn(TRAITS, usual) ? (usual as Trait) : undefined
}

/*
 * A merchant feed has no form for a sale without a start or without an end. These times stand for them. They compare as text, like all
 * times of the catalog.
 */
export const NO_START = '1970-01-01T00:00:00.000Z'
export const NO_END = '9999-12-31T23:59:59.000Z'

/** Namespace of the attributes of merchant feeds. */
export const GOOGLE_NAMESPACE = 'http://base.google.com/ns/1.0'
/** Namespace of attributes that are not part of the format, such as the SKU. */
export const CUSTOM_NAMESPACE = 'http://base.google.com/cns/1.0'
