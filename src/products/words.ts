import type { Terms } from './query.js'
import { APOSTROPHES, TRADEMARKS } from './text.js'

/** Maximum length of a word in characters. Longer words are truncated. */
const WORD_MAX = 64
/** Maximum length of a sort key in characters. */
const SORT_KEY_MAX = 200
/** Maximum number of parts of a compound. Longer ones, such as hexadecimal numbers, are cut, so that their joined forms stay few. */
const COMPOUND_PARTS_MAX = 8
/** Maximum number of terms in a search. For each term, the search looks up all products that contain it. */
const SEARCH_TERMS_MAX = 16
/** Minimum length of a search word that also matches barcodes. A short number would match the beginning of many. */
const BARCODE_MIN = 6
/** Marks the word of a barcode. */
const BARCODE = '¤'
/** The decimal separator in words. The full-text search of SQLite would split a word at a period. */
const DECIMAL = '·'

const ASCII = /^[\0-\x7f]*$/
/** Soft hyphens, zero-width characters, and the Arabic tatweel, which stretches a word. */
const INVISIBLE = /[\p{DI}ـ]/gu
/** Accents, and the optional vowels of Hebrew and Arabic. The marks of other scripts belong to the spelling. */
const ACCENTS = /(?<=[\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{sc=Hebr}\p{sc=Arab}])\p{M}+/gu
/** Common spellings of letters that do not decompose. */
const SPELLINGS: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ŧ: 't',
  ŋ: 'n',
  ς: 'σ'
}
const SPELLED = new RegExp(`[${Object.keys(SPELLINGS).join('')}]`, 'g')

/** Removes differences that a search ignores: case, accents, invisible characters, and variants of a letter. */
function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase()
  return (
    text
      .replace(INVISIBLE, '')
      // Before the decomposition, which makes a space and a mark of some of them.
      .replace(APOSTROPHES, "'")
      .normalize('NFKD')
      .replace(ACCENTS, '')
      // Uppercase first, because lowercase alone keeps variants such as `ı`.
      .toUpperCase()
      .toLowerCase()
      .replace(SPELLED, (letter) => SPELLINGS[letter] as string)
      // Composes what the decomposition took apart in other scripts: `バ` and Hangul syllables.
      .normalize('NFC')
  )
}

/** Returns the sort key of a title, so that for example `éclair` comes between `Earl` and `Edam`. */
export const toSortKey = (title: string): string => truncate(fold(title), SORT_KEY_MAX)

/** The smallest piece of a text that a search finds. */
interface Part {
  text: string
  /** A run is a sequence of Chinese or Japanese characters, which are written without spaces between words. */
  kind: 'digits' | 'letters' | 'run'
  /** What separates the part from the previous one. Apostrophes count as nothing. */
  gap: 'nothing' | 'hyphen' | 'symbol' | 'space' | 'more'
}

/** Several parts written as one word, such as `kx-100`. */
type Compound = readonly Part[]

const RUN = '[\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}ー\u3099\u309a]'
const THOUSANDS = "[1-9]\\d{0,2}(?:[.,']\\d{3})+"
const NUMBERS = [THOUSANDS, '\\d+[.,]\\d+'].map((form) => `(?<!\\d[.,'])${form}(?![.,']?\\d)`)
const LETTERS = `(?!${RUN})\\p{L}(?:(?!${RUN})[\\p{L}\\p{M}])*`
const PARTS = new RegExp([`${RUN}+`, ...NUMBERS, '\\p{N}+', LETTERS].join('|'), 'gu')
/** Finds the same parts as `PARTS` in folded ASCII text, in less time. */
const ASCII_PARTS = new RegExp(['[a-z]+', ...NUMBERS, '\\d+'].join('|'), 'g')
const IS_RUN = new RegExp(`^${RUN}`, 'u')
const IS_THOUSANDS = new RegExp(`^${THOUSANDS}$`)

/** Returns the folded parts of a text in order. */
function toParts(text: string): Part[] {
  const folded = fold(ASCII.test(text) ? text : separateSymbols(text))
  const parts: Part[] = []
  let end = 0
  for (const { 0: found, index } of folded.matchAll(ASCII.test(folded) ? ASCII_PARTS : PARTS)) {
    const kind = /^\p{N}/u.test(found) ? 'digits' : IS_RUN.test(found) ? 'run' : 'letters'
    const text = kind === 'digits' ? toNumber(found) : found
    parts.push({ text, kind, gap: toGap(folded.slice(end, index), kind) })
    end = index + found.length
  }
  return parts
}

/** Drops trademark symbols, makes words of other symbols such as `㎖`, and writes the multiplication sign between numbers as a letter. */
const separateSymbols = (text: string) =>
  text
    .replace(TRADEMARKS, ' ')
    .replace(/\p{So}/gu, ' $& ')
    .replace(/(?<=\d *)×(?= *\d)/g, 'x')

/** Removes the separators of thousands, and unifies the decimal separator. */
const toNumber = (found: string) => found.replace(/[.,']/g, IS_THOUSANDS.test(found) ? '' : DECIMAL)

function toGap(between: string, kind: Part['kind']): Part['gap'] {
  if (between === '') return 'nothing'
  if (between === ' ' || /^ +$/.test(between)) return 'space'
  if (/^['`]$/.test(between)) return kind === 'letters' ? 'nothing' : 'more'
  if (/^[\p{Pd}−.]$/u.test(between)) return 'hyphen'
  return /^[/⁄_&+·]$/.test(between) ? 'symbol' : 'more'
}

/**
 * Divides parts into compounds.
 * @param isSpaced Returns whether two parts that spaces separate belong to the same compound.
 */
function toCompounds(parts: readonly Part[], isSpaced: (a: Part, b: Part) => boolean): Compound[] {
  const compounds: Part[][] = []
  let compound: Part[] = []
  for (const part of parts) {
    const previous = compound.at(-1)
    if (previous && compound.length < COMPOUND_PARTS_MAX && isJoined(previous, part, isSpaced)) {
      compound.push(part)
      continue
    }
    compound = [part]
    compounds.push(compound)
  }
  return compounds
}

function isJoined(a: Part, b: Part, isSpaced: (a: Part, b: Part) => boolean): boolean {
  if (a.kind === 'run' || b.kind === 'run' || b.gap === 'more') return false
  if (b.gap === 'space') return isSpaced(a, b)
  // `1/2` is not 12.
  return b.gap !== 'symbol' || a.kind === 'letters' || b.kind === 'letters'
}

/**
 * Returns the words by which a search finds a text, with repetitions: the parts of each compound, and their joined forms, so that
 * `KX-100`, `KX 100` and `kx100` have the word `kx100`. Runs have a word for each pair of neighbors, and for the last character.
 * @param isProse Whether only numbers and their units are joined across spaces, as in `500 ml`. Sentences have many other numbers.
 */
export function toWords(text: string, isProse = false): string[] {
  const isSpaced = (a: Part, b: Part) => a.kind !== b.kind && (a.kind === 'digits' || !isProse)
  const words: string[] = []
  for (const compound of toCompounds(toParts(text), isSpaced)) {
    let rest = compound.length === 1 ? '' : compound.map(({ text }) => text).join('')
    for (const [i, part] of compound.entries()) {
      const { text, kind } = part
      if (kind === 'run') words.push(...toPairs(text))
      else words.push(truncate(text, WORD_MAX))
      // So that `usb 3` finds `USB 3.0`.
      if (text.includes(DECIMAL)) words.push(truncate(text.slice(0, text.indexOf(DECIMAL)), WORD_MAX))
      const next = compound[i + 1]
      if (!next) continue
      words.push(truncate(rest, WORD_MAX))
      rest = rest.slice(text.length)
      // Other neighbors are found as two words.
      const areInseparable = next.gap === 'nothing' || next.kind !== kind
      if (areInseparable && compound.length > i + 2) words.push(truncate(text + next.text, WORD_MAX))
    }
  }
  return words
}

/** Returns the pairs of neighboring characters in a run, and its last character, by the prefix of which a search finds single characters. */
function toPairs(run: string): string[] {
  const characters = [...run]
  return characters.map((character, i) => character + (characters[i + 1] ?? ''))
}

/** Returns the word by which a search finds a barcode. It has no spaces and hyphens. */
export const toBarcodeWord = (barcode: string): string =>
  BARCODE + truncate(fold(barcode).replace(/[^\p{L}\p{N}]/gu, ''), WORD_MAX)

/**
 * Returns the different terms of a search, at most `SEARCH_TERMS_MAX`. Undefined if the text is blank; a text without words has no terms.
 * A compound matches its joined form or all of its parts: `(wi OR wifi) AND (fi OR wifi)`.
 */
export function toSearchTerms(text: string): Terms | undefined {
  if (/^[\s\p{DI}]*$/u.test(text)) return undefined
  const compounds = toCompounds(toParts(text), (a, b) => a.kind === 'digits' && b.kind === 'digits')
  const terms = compounds.flatMap((compound, i) => toTerms(compound, i === compounds.length - 1))
  // If the last word occurs earlier too, the term that matches prefixes remains.
  const different = new Map(terms.map((term) => [term.join(' ').replaceAll('*', ''), term]))
  return [...different.values()].slice(0, SEARCH_TERMS_MAX)
}

/** @param isLast Whether the end of the compound may be incomplete. */
function toTerms(compound: Compound, isLast: boolean): string[][] {
  const [{ text, kind }] = compound as [Part]
  if (kind === 'run') {
    const pairs = toPairs(text).slice(0, -1)
    return pairs.length > 0 ? pairs.map((pair) => [pair]) : [[`${text}*`]]
  }
  const units: string[] = []
  for (const { text, gap } of compound) {
    if (units.length > 0 && gap === 'nothing') units.push(units.pop() + text)
    else units.push(text)
  }
  const joined = units.length > 1 ? toAlternatives(units.join(''), isLast) : []
  return units.map((unit, i) => [...toAlternatives(unit, isLast && i === units.length - 1), ...joined])
}

/** Returns a search word and, if it may be one, the word of a barcode. */
function toAlternatives(text: string, isPrefix: boolean): string[] {
  const word = truncate(text, WORD_MAX)
  const words = word.length >= BARCODE_MIN && /\p{N}/u.test(word) ? [word, BARCODE + word] : [word]
  return isPrefix ? words.map((word) => `${word}*`) : words
}

/** Returns whether to correct the spelling of a word: not of numbers and codes, and not of short words, which resemble too many others. */
export const isCorrectable = (word: string): boolean => /^\p{L}[\p{L}\p{M}]{2,}$/u.test(word)

const truncate = (text: string, length: number) => (text.length <= length ? text : [...text].slice(0, length).join(''))
