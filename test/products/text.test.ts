import fc from 'fast-check'
import t from 'tap'
import { toCode, toLine, toLines } from '../../src/products/text.js'
import { requireEqual } from '../helpers/properties.js'
import { runs } from '../helpers/runs.js'

/** Names the characters of a text for a message. */
const show = (text: string) =>
  JSON.stringify(text).replace(/[^ -~]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)

const forms = { toCode, toLine, toLines }
/** White space of Unicode without control characters, and the blank Braille pattern. */
const SPACES = [...' \t\n\r\u00a0\u1680\u2000\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u2800']
/** Invisible characters without a meaning between ASCII letters. */
const INVISIBLE = [
  ...'\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2061\u2064\u2066\u2069\u206a',
  ...'\u3164\ufe00\ufe0e\ufe0f\ufeff\uffa0\ufff0\ufff9\ufffb\u{1bca0}\u{1d173}\u{e0001}\u{e0041}\u{e007f}\u{e0100}\u{e01ef}'
]

t.test('white space at both ends is removed', async (t) => {
  for (const space of SPACES) {
    for (const [name, normalize] of Object.entries(forms)) {
      t.equal(normalize(`${space}${space}UQ-1${space}`), 'UQ-1', `${name} ${show(space)}`)
      t.equal(normalize(space), '', `${name} ${show(space)}`)
    }
  }
})

t.test('white space within a line becomes one plain space, and within several lines it stays', async (t) => {
  for (const space of SPACES) {
    t.equal(toLine(`Red${space}${space}shoe`), 'Red shoe', show(space))
    t.equal(toCode(`A${space}\t1`), 'A 1', show(space))
  }
  t.equal(toLines(' 10\u00a0€\n\n  each \n'), '10\u00a0€\n\n  each')
})

t.test('carriage returns within several lines become line feeds', async (t) => {
  t.equal(toLines('a\r\nb\rc\n\rd\u2028e'), 'a\nb\nc\n\nd\u2028e')
})

t.test('invisible characters are removed', async (t) => {
  for (const invisible of INVISIBLE) {
    for (const [name, normalize] of Object.entries(forms)) {
      t.equal(normalize(`U${invisible}Q-${invisible}1${invisible}`), 'UQ-1', `${name} ${show(invisible)}`)
      t.equal(normalize(invisible), '', `${name} ${show(invisible)}`)
    }
  }
})

t.test('invisible characters stay where they have a meaning, but not in codes', async (t) => {
  for (const text of [
    'می\u200cخواهم',
    'بَ\u200cخ',
    'کتاب\u200cها',
    'ශ්\u200dරී ලංකා',
    'क्\u200dष',
    'র\u200d্যাব',
    'ന്\u200dമ',
    'ᠨᠢᠭᠡ\u180eᠨ\u180b',
    '👩\u200d⚕\ufe0f',
    '👩🏽\u200d🚀',
    '🏳\ufe0f\u200d🌈',
    '👨\u200d👩\u200d👧\u200d👦',
    '👩\u200d❤\ufe0f\u200d💋\u200d👨',
    '❤\ufe0f',
    '❤\ufe0e',
    '1\ufe0f\u20e3',
    '#\ufe0f\u20e3',
    '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'
  ]) {
    t.equal(toLine(text), text, show(text))
    t.equal(toLines(text), text, show(text))
    t.equal(toCode(text), text.replace(/\p{Default_Ignorable_Code_Point}/gu, ''), show(text))
  }
})

t.test('characters of emoji and joiners are removed elsewhere', async (t) => {
  for (const [text, normal] of [
    ['Auf\u200clage', 'Auflage'],
    ['\u200cمی\u200c', 'می'],
    ['a\u0323\u200cक', 'ạक'],
    ['می\u200c\u200b\u200cخواهم', 'می\u200cخواهم'],
    ['می\u200b\u200cخواهم', 'می\u200cخواهم'],
    ['می\u180bخواهم', 'میخواهم'],
    ['👩\u200d', '👩'],
    ['👩\u200da', '👩a'],
    ['👩\u200c⚕', '👩⚕'],
    ['Lego®\ufe0f', 'Lego®'],
    ['Lego™\ufe0f Set', 'Lego™ Set'],
    ['1\ufe0f', '1'],
    ['1\u200d\u20e3', '1\u20e3'],
    ['葛\u{e0100}城', '葛城'],
    ['🏴\u{e0067}\u{e0062}', '🏴'],
    ['⚑\u{e0067}\u{e0062}\u{e007f}', '⚑'],
    ['\u2060👩\u2060\u200d\ufe0f🚀\u2060', '👩\ufe0f\u200d🚀']
  ] as const) {
    t.equal(toLine(text), normal, show(text))
    t.equal(toLines(text), normal, show(text))
  }
})

t.test('text is composed, and compatible characters stay different', async (t) => {
  t.equal(toLine('Mo\u0308bel'), 'Möbel')
  t.equal(toLine('o\u200b\u0308'), 'ö')
  t.equal(toCode('\u212bngstro\u0308m'), 'Ångström')
  t.equal(toLine('\u1112\u1161\u11ab'), '한')
  t.equal(toLine('ｓｋｕ ﬁ №'), 'ｓｋｕ ﬁ №')
})

t.test('a lone surrogate becomes the replacement character', async (t) => {
  for (const normalize of Object.values(forms)) t.equal(normalize('a\ud800b\udc00'), 'a\ufffdb\ufffd')
})

t.test('control characters stay, so that the validation rejects them', async (t) => {
  for (const control of ['\0', '\u0007', '\v', '\f', '\u0085', '\u009f']) {
    for (const normalize of Object.values(forms)) t.equal(normalize(`a${control}`), `a${control}`)
  }
})

/** Text with many characters that the normalization treats in a special way. */
const characters = [
  ...SPACES,
  ...INVISIBLE,
  ...'aE1#é\u0301\u0308\u0323äß©™👩🏽⚕❤🏴\u20e3میक\u094dකᠨ家가\u1112\u1161\u0000\ud800'
]
const text = fc.oneof(
  fc.array(fc.constantFrom(...characters), { maxLength: 20 }).map((all) => all.join('')),
  fc.string({ unit: 'binary' })
)

t.test('normal text stays as it is, has no white space at its ends, and is composed', async () => {
  fc.assert(
    fc.property(text, fc.constantFrom(...Object.values(forms)), (text, normalize) => {
      const normal = normalize(text)
      requireEqual(normalize(normal), normal, text)
      requireEqual(normal.normalize('NFC'), normal, text)
      requireEqual(/^[\s\u2800]|[\s\u2800]$/.test(normal.replace(/\p{Cc}/gu, 'x')), false, text)
    }),
    { numRuns: runs(2000, 50_000) }
  )
})

t.test('canonical equivalents are equal, with any invisible characters and white space around', async () => {
  const word = fc.stringMatching(/^[a-zé0-9-]{1,10}$/)
  const noise = fc.array(fc.constantFrom(...INVISIBLE), { maxLength: 3 }).map((all) => all.join(''))
  const blanks = fc.array(fc.constantFrom(...SPACES, ...INVISIBLE), { maxLength: 3 }).map((all) => all.join(''))
  fc.assert(
    fc.property(word, word, noise, blanks, fc.constantFrom(...SPACES), (first, second, noise, blanks, space) => {
      const disguised = `${blanks}${first.normalize('NFD')}${noise}${space}${blanks}${noise}${second}${blanks}`
      for (const normalize of [toCode, toLine]) {
        requireEqual(normalize(disguised), `${first} ${second}`.normalize('NFC'), disguised)
      }
    }),
    { numRuns: runs(1000, 20_000) }
  )
})

/** Milliseconds for a megabyte. The linear normalization takes up to 500, more on a busy machine; a quadratic one takes minutes. */
const TIME_MAX = 10_000

t.test('a megabyte of any characters is normalized in linear time', async (t) => {
  for (const part of [
    ' ',
    'a ',
    '\u00a0a',
    '\u200b',
    'a\u200d',
    '\u0301\u0323',
    'é\u0323',
    '👩\u200d',
    '🏴\u{e0061}',
    '\r'
  ]) {
    const long = `a${part.repeat(1_000_000 / part.length)}a`
    for (const [name, normalize] of Object.entries(forms)) {
      const start = performance.now()
      normalize(long)
      t.ok(performance.now() - start < TIME_MAX, `${name} ${show(part)}`)
    }
  }
})
