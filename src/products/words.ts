/** The longest word that is told from others that begin alike, in characters. What is beyond it is not looked at. */
const WORD_MAX = 64
/** The most characters of a title that its place in the order of titles depends on. */
const SORT_KEY_MAX = 200

/** Text without what a search does not tell apart: case, accents, and forms of the same letter. */
const fold = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    // First up, so that `ß` becomes the `ss` that some write for it.
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')

/** The words of a text, folded, in their order: runs of letters and digits. */
export const toWords = (text: string): string[] =>
  (fold(text).match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => truncate(word, WORD_MAX))

/** The most different words of a search that count. Each word costs a look-up of all products that have it. */
export const SEARCH_WORDS_MAX = 16

/**
 * The words of a search: each once, the first 16. The last word stays last if it is repeated, as it also matches the beginnings
 * of words.
 */
export function toSearchWords(text: string): string[] {
  const words = toWords(text)
  const last = words.at(-1)
  if (last === undefined) return []
  const others = new Set(words)
  others.delete(last)
  return [...others, last].slice(0, SEARCH_WORDS_MAX)
}

/** What titles are sorted by, so that `éclair` comes between `Earl` and `Edam`. */
export const toSortKey = (title: string): string => truncate(fold(title), SORT_KEY_MAX)

/** Whether a word can be a misspelling of another: a number or a code is not, and a short word could be of too many. */
export const isCorrectable = (word: string): boolean => /^\p{L}{3,}$/u.test(word)

const truncate = (text: string, length: number) => (text.length <= length ? text : [...text].slice(0, length).join(''))
