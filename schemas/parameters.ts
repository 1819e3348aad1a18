import { Type } from '@sinclair/typebox'

/** Query of an operation without query parameters. */
export const NoParameters = Type.Object({}, { additionalProperties: false })
