import type { Transaction } from 'kysely'
import type { ProductFields } from '../products/overlay.js'
import { LOCAL } from '../products/stored-product.js'
import { roundPrices } from '../products/variants.js'
import { allRows, CHUNK } from './chunks.js'
import type { Database } from './database.js'
import type { ProductChange, ProductWriter } from './product-writer.js'
import type { ProductStore } from './products.js'
import type { Tables } from './tables.js'

/** Sets the currency of a catalog that has local products only. Their prices keep their numbers. */
export async function setCurrency({ read }: Database, products: ProductStore, currency: string): Promise<void> {
  const stored = await read.selectFrom('catalog').select('currency').executeTakeFirstOrThrow()
  if (stored.currency === currency) return
  await products.write({ by: 'shell' }, (writer, db) => changeCurrency(writer, db, currency))
}

/** Changes the currency of the catalog and of its local products. Their prices are rounded to its decimal places. */
export async function changeCurrency(writer: ProductWriter, db: Transaction<Tables>, currency: string): Promise<void> {
  const { log } = writer
  if (log.currency === currency) return
  log.currency = currency
  const page = (after: number) =>
    db
      .selectFrom('product')
      .select('id')
      .where('source', '=', LOCAL)
      .where('id', '>', after)
      .orderBy('id')
      .limit(CHUNK)
      .execute()
  for await (const rows of allRows(page)) {
    const stored = [...(await writer.load(rows.map(({ id }) => id)))].sort(([a], [b]) => a - b)
    await writer.apply(
      stored.map(([id, before]): ProductChange => {
        const base = before.base as ProductFields
        const variants = base.variants.map((variant) => roundPrices(variant, currency))
        return { id, before, after: { ...before, base: { ...roundPrices(base, currency), currency, variants } } }
      })
    )
  }
}
