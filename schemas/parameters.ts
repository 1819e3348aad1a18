import { Type } from '@sinclair/typebox'

/** What an operation without parameters takes: none. */
export const NoParameters = Type.Object({}, { additionalProperties: false })
