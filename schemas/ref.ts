import { type Static, type StringOptions, type TSchema, Type } from '@sinclair/typebox'

/** A reference to a named component. The document contains the reference, and the compiler keeps the type. */
export const ref = <T extends TSchema>(schema: T) => Type.Unsafe<Static<T>>(Type.Ref(schema.$id as string))

/**
 * A string with a fixed set of values, as one `enum`. TypeBox turns its own unions and enums into `anyOf` with one value each, and
 * client generators turn those into unusable types.
 */
export const enumeration = <const T extends string>(values: readonly T[], options: StringOptions & { $id: string }) =>
  Type.Unsafe<T>({ type: 'string', enum: values, ...options })
