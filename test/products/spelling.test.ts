import t from 'tap'
import { editDistance, findClosestWords } from '../../src/products/spelling.js'

t.test('the edit distance counts added, dropped, changed and swapped letters', async (t) => {
  for (const [one, other, distance] of [
    ['mascara', 'mascara', 0],
    ['mascarra', 'mascara', 1],
    ['mascra', 'mascara', 1],
    ['maskara', 'mascara', 1],
    ['iphnoe', 'iphone', 1],
    ['ihpnoe', 'iphone', 2],
    ['abc', 'cab', 2],
    ['kitten', 'sitting', undefined],
    ['abcdefgh', 'abcdefghijk', undefined],
    ['𠮷野家', '𠮷家', 1]
  ] as const) {
    t.equal(editDistance(one, other, 2), distance, `${one} ${other}`)
    t.equal(editDistance(other, one, 2), distance, `${other} ${one}`)
  }
})

t.test('`findClosestWords` returns the nearest words that occur, at most five', async (t) => {
  const occurs = async (word: string) => word !== 'teas'
  t.strictSame(await findClosestWords('tae', ['tea', 'tae', 'teas'], occurs), ['tae'])
  t.strictSame(await findClosestWords('teaz', ['teas', 'tea', 'team'], occurs), ['tea', 'team'])
  t.strictSame(await findClosestWords('tea', ['coffee'], occurs), [])
  const many = ['cat', 'hat', 'fat', 'bat', 'rat', 'mat', 'sat']
  t.strictSame(await findClosestWords('xat', many, occurs), ['bat', 'cat', 'fat', 'hat', 'mat'])
})
