/** Maximum length of a word in characters. Longer words are truncated. */
const WORD_MAX = 64
/** Maximum length of a sort key in characters. */
const SORT_KEY_MAX = 200

/** Removes differences that a search ignores: case, accents, and variants of a letter. */
const fold = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    // Uppercase first: `ß` becomes `SS`, which is a common spelling.
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')

/** Returns the folded words of a text in order. A word is a sequence of letters and digits. */
export const toWords = (text: string): string[] =>
  (fold(text).match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => truncate(word, WORD_MAX))

/** Maximum number of different words in a search. For each word, the search looks up all products that contain it. */
export const SEARCH_WORDS_MAX = 16

/**
 * Returns the different words of a search, at most `SEARCH_WORDS_MAX`. The last word stays last even if it also occurs earlier, because
 * it matches prefixes too.
 */
export function toSearchWords(text: string): string[] {
  const words = toWords(text)
  const last = words.at(-1)
  if (last === undefined) return []
  const others = new Set(words)
  others.delete(last)
  return [...others, last].slice(0, SEARCH_WORDS_MAX)
}

/** Returns the sort key of a title, so that for example `éclair` comes between `Earl` and `Edam`. */
export const toSortKey = (title: string): string => truncate(fold(title), SORT_KEY_MAX)

/** Returns whether to correct the spelling of a word: not of numbers and codes, and not of short words, which resemble too many others. */
export const isCorrectable = (word: string): boolean => /^\p{L}{3,}$/u.test(word)

const truncate = (text: string, length: number) => (text.length <= length ? text : [...text].slice(0, length).join(''))
