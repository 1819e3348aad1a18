import { setImmediate } from 'node:timers/promises'

/** Number of rows that one statement handles. */
export const CHUNK = 200

/** Splits a list into parts of at most `size` items. */
export function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size)
}

/**
 * Reads all rows of a table page by page, and yields to the event loop after each page.
 * @param page Returns the next rows after an id, ordered by id.
 */
export async function* allRows<T extends { id: number }>(page: (after: number) => Promise<T[]>): AsyncGenerator<T[]> {
  let last = 0
  for (;;) {
    const rows = await page(last)
    if (rows.length === 0) return
    last = rows.at(-1)?.id as number
    yield rows
    await setImmediate()
  }
}
