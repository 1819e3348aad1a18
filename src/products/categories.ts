import { createHash } from 'node:crypto'
import anyAscii from 'any-ascii'
import { CATEGORY_NAME_MAX } from '../../schemas/category.js'
import { NAME_CHARACTER } from '../../schemas/source.js'
import { APOSTROPHES, TRADEMARKS, toCode, toLine } from './text.js'

/** The slug of the category of products whose source names none. */
export const UNCATEGORIZED = 'uncategorized'

const SLUG_MAX = 100
/** Characters of the hash in a slug: 32 bits tell ten thousand categories apart, as only those with the same words could collide. */
const HASH_LENGTH = 8
const HASH = new RegExp(`-x[0-9a-f]{${HASH_LENGTH}}$`)

/** Letters that have a common spelling without the accent. It tells `Küchen` (kitchens) from `Kuchen` (cakes). */
const SPELLINGS: Record<string, string> = { ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', å: 'aa' }
const LATIN_LETTER = /\p{Script=Latin}\p{M}*/gu
const WORD = new RegExp(`(?:${NAME_CHARACTER})(?:${NAME_CHARACTER}|\\p{M})*`, 'gu')

/**
 * Converts the name of a category to a slug. Names get the same slug only if they differ in case, spaces, punctuation, apostrophes and
 * accents at most. If a slug cannot show all letters and symbols of a name, it ends in a hash of the name.
 * @returns An empty text if the name has no letter, digit or symbol.
 */
export function toCategorySlug(name: string): string {
  const words = toWords(name)
  if (words.length <= SLUG_MAX && /^[a-z0-9-]*$/.test(words)) return words
  const hash = createHash('sha256').update(words).digest('hex').slice(0, HASH_LENGTH)
  const ascii = toAsciiWords(anyAscii(words)).slice(0, SLUG_MAX - HASH_LENGTH - '-x'.length)
  return `${ascii}-x${hash}`.replace(/^-+|-(?=-)/g, '')
}

/** Returns the words of a name, joined by hyphens: what distinguishes it from other names. Latin letters become ASCII. */
function toWords(name: string): string {
  const folded = toCode(name)
    .replace(TRADEMARKS, ' ')
    .normalize('NFKC')
    // `Women's` is `womens`.
    .replace(APOSTROPHES, '')
    // Uppercase first: `ß` becomes `SS`, and `ς` becomes `σ`.
    .toUpperCase()
    .toLowerCase()
    .normalize('NFC')
    .replace(LATIN_LETTER, toAsciiLetter)
  return (folded.match(WORD) ?? []).join('-')
}

/** Converts a Latin letter to ASCII. Leaves it as it is if that takes more than letters, as for phonetic symbols. */
function toAsciiLetter(letter: string): string {
  const ascii = SPELLINGS[letter] ?? anyAscii(letter)
  return /^[a-z]+$/.test(ascii) ? ascii : letter
}

const toAsciiWords = (text: string) => (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).join('-')

/** Converts a slug to a name to show: `mens-shirts` becomes `Mens Shirts`. Leaves the hash out. */
export const toCategoryName = (slug: string): string =>
  slug
    .replace(HASH, '')
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')

/** One category of a path. */
export interface CategoryStep {
  slug: string
  name: string
}

/**
 * Returns the categories of a path of names, the root first. Each slug is made from the whole path (`Clothing > Shirts` is
 * `clothing-shirts`), so that it stays the same if a category with the same name appears elsewhere. Leaves out names that have no slug.
 */
export function toCategoryPath(names: readonly string[]): CategoryStep[] {
  const used = names.filter((name) => toCategorySlug(name) !== '')
  return used.map((name, depth) => ({
    slug: toCategorySlug(used.slice(0, depth + 1).join(' > ')),
    name: [...toLine(name)].slice(0, CATEGORY_NAME_MAX).join('').trimEnd()
  }))
}
