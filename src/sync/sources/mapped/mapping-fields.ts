import type { MappedField, SourceMapping } from '../../../../schemas/source-mapping.js'

/** A field of a mapping. */
export interface NamedField {
  /** JSON Pointer to the field in the mapping. */
  pointer: string
  field: MappedField
  /** Whether it is read from a variant instead of the whole record. */
  isOfVariant: boolean
}

/** Returns all fields of a mapping. Its parts need not be valid. */
export function listFields({ fields, variants }: SourceMapping): NamedField[] {
  const { dimensions, attributes, ...ofRecord } = Object(fields) as SourceMapping['fields']
  return [
    ...list('/fields', ofRecord, false),
    ...list('/fields/dimensions', dimensions, false),
    ...list('/fields/attributes', attributes, false),
    ...list('/variants/options', variants?.options, true),
    ...list('/variants/fields', variants?.fields, true)
  ]
}

const list = (parent: string, fields: object | undefined, isOfVariant: boolean): NamedField[] =>
  Object.entries(Object(fields) as Record<string, MappedField>).map(([name, field]) => {
    return { pointer: parent + toPointerStep(name), field, isOfVariant }
  })

/** Returns a name as a step of a JSON Pointer. */
export const toPointerStep = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
