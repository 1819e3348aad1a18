import t from 'tap'
import { allRows, chunks } from '../../src/store/chunks.js'

t.test('a list is split into parts of the size, of which the last may be shorter', async (t) => {
  t.strictSame([...chunks([1, 2, 3, 4, 5], 2)], [[1, 2], [3, 4], [5]])
  t.strictSame([...chunks([], 2)], [])
})

t.test('each page begins after the last id of the one before, until a page is empty', async (t) => {
  const ids = [3, 5, 8, 13, 21]
  const page = async (after: number) =>
    ids
      .filter((id) => id > after)
      .slice(0, 2)
      .map((id) => ({ id }))
  const pages: number[][] = []

  for await (const rows of allRows(page)) pages.push(rows.map(({ id }) => id))

  t.strictSame(pages, [[3, 5], [8, 13], [21]])
})
