import t from 'tap'
import { removeExcludedFromXml } from '../../src/support/xml-characters.js'

t.test('exactly the characters that XML excludes are removed', async (t) => {
  const removed: number[] = []
  for (let code = 0; code <= 0xffff; code++) {
    if (code < 0xd800 || code > 0xdfff) {
      const kept = removeExcludedFromXml(`a${String.fromCharCode(code)}b`)
      if (kept === 'ab') removed.push(code)
      else if (kept !== `a${String.fromCharCode(code)}b`) t.fail(`U+${code.toString(16)}`)
    }
  }
  const controls = Array.from({ length: 32 }, (_, code) => code).filter((code) => ![0x9, 0xa, 0xd].includes(code))
  t.strictSame(removed, [...controls, 0xfffe, 0xffff])
  t.equal(removeExcludedFromXml('\u{10ffff}🙂'), '\u{10ffff}🙂')
})
