import t from 'tap'
import { toCommonTitle } from '../../../../src/sync/sources/google/offer-titles.js'

t.test('the common title ends at a word, without the separator', async (t) => {
  for (const [titles, expected] of [
    [['Tee - S', 'Tee - M'], 'Tee'],
    [['Tee, S', 'Tee, M'], 'Tee'],
    [['Tee (S)', 'Tee (M)'], 'Tee'],
    [['Tee (Red, S)', 'Tee (Red, M)'], 'Tee'],
    [['Tee (long) S', 'Tee (long) M'], 'Tee (long)'],
    [['Dress Small', 'Dress Silver'], 'Dress'],
    [['Tee', 'Tee - M'], 'Tee'],
    [['Tee M', 'Tee'], 'Tee'],
    [['Tee', 'Teepot'], 'Tee'],
    [['Hose Größe S', 'Hose Größe M'], 'Hose Größe'],
    [['Same (x', 'Same (x'], 'Same (x'],
    [['Alone -'], 'Alone -'],
    [['Red shirt', 'Blue shirt'], 'Red shirt'],
    [['A red shirt', 'A blue shirt'], 'A red shirt'],
    [['👩‍🚀 Suit 🟥', '👩‍🚀 Suit 🟦'], '👩‍🚀 Suit']
  ] as const)
    t.equal(toCommonTitle(titles as unknown as [string, ...string[]]), expected, titles.join(' | '))
})
