import t from 'tap'
import { rankRows, toRankCodes } from '../../../src/catalog/index/ranked-hits.js'

const rows = (...numbers: number[]) => Uint32Array.from(numbers)

t.test('rows are ordered by rank, and keep their order within a rank', async (t) => {
  const scratch = new Uint8Array(8).fill(9)

  const hits = rankRows([rows(6, 1, 4, 3, 0), rows(1, 3, 0), rows(3)], scratch)

  t.strictSame(hits, { rows: rows(6, 4, 1, 0, 3), titleMatches: 1, labelMatches: 2 })
})

t.test('the code of a hit is one more than its rank, and other rows keep theirs', async (t) => {
  const hits = rankRows([rows(1, 4, 3), rows(4, 3), rows(3)], new Uint8Array(6))

  t.strictSame([...toRankCodes(hits, new Uint8Array(6))], [0, 1, 0, 3, 2, 0])
})
