/** Maximum length of a word in characters. Longer words are truncated. */
const WORD_MAX = 64
/** Maximum length of a sort key in characters. */
const SORT_KEY_MAX = 200

/** Removes the differences that a search ignores: case, accents, and variants of the same letter. */
const fold = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    // Uppercase first: it turns `ß` into `SS`, as some people spell it.
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')

/** Returns the words of a text in their order, folded. A word is a run of letters and digits. */
export const toWords = (text: string): string[] =>
  (fold(text).match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => truncate(word, WORD_MAX))

/** Maximum number of different words of a search. Each word costs a lookup of all products that contain it. */
export const SEARCH_WORDS_MAX = 16

/**
 * Returns the words of a search: each once, at most `SEARCH_WORDS_MAX`. The last word stays last even if it is repeated, because it
 * also matches prefixes.
 */
export function toSearchWords(text: string): string[] {
  const words = toWords(text)
  const last = words.at(-1)
  if (last === undefined) return []
  const others = new Set(words)
  others.delete(last)
  return [...others, last].slice(0, SEARCH_WORDS_MAX)
}

/** Returns the sort key of a title: `éclair` comes between `Earl` and `Edam`. */
export const toSortKey = (title: string): string => truncate(fold(title), SORT_KEY_MAX)

/** Returns whether spelling correction applies to a word. Numbers and codes have no misspellings, and short words have too many. */
export const isCorrectable = (word: string): boolean => /^\p{L}{3,}$/u.test(word)

const truncate = (text: string, length: number) => (text.length <= length ? text : [...text].slice(0, length).join(''))
