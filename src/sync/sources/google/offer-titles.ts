/** Minimum length of a common title. */
const TITLE_MIN = 3
/** Separators between the title of a product and that of a variant. */
const SEPARATORS_AT_END = /[\s\-–—,;:|/\\([·•]+$/u
const WORD_CHARACTER = /[\p{L}\p{N}\p{M}]/u

/**
 * Returns the title of a product from those of its variants: what they have in common at the start, in whole words and without the
 * separator after it. If this is too short, returns the first title.
 */
export function toCommonTitle(titles: readonly [string, ...string[]]): string {
  const [first, ...others] = titles
  let length = first.length
  for (const title of others) {
    let i = 0
    while (i < length && first[i] === title[i]) i++
    length = i
  }
  if (length === first.length && others.every((title) => title.length === length)) return first
  if (/[\ud800-\udbff]$/.test(first.slice(0, length))) length--
  const ends = (title: string) =>
    title.length === length || !WORD_CHARACTER.test(String.fromCodePoint(title.codePointAt(length) ?? 0))
  // A part of a word is no part of the title.
  if (!titles.every(ends)) while (length > 0 && WORD_CHARACTER.test(first[length - 1] as string)) length--
  const common = first.slice(0, length)
  const open = common.lastIndexOf('(')
  const title = (open > common.lastIndexOf(')') ? common.slice(0, open) : common).replace(SEPARATORS_AT_END, '')
  return title.length < TITLE_MIN ? first : title
}
