import { type Static, Type } from '@sinclair/typebox'

/** A character that tells names apart: a letter, a digit or a symbol, but no trademark sign and no symbol that separates words. */
export const NAME_CHARACTER = '(?![©®™℠℗`^~<>|¦¨¯´¸→\u2044])[\\p{L}\\p{N}\\p{S}#%@]'

/** A response of `GET /products?limit=&skip=`. The products are validated one by one, so an invalid one does not affect the others. */
export const SourcePage = Type.Object({
  products: Type.Array(Type.Unknown()),
  total: Type.Integer({ minimum: 0 })
})
export type SourcePage = Static<typeof SourcePage>
