/*
 * The normal form of text. All text of products takes it on its way in, so that texts that look the same are equal: for uniqueness, filters
 * and facets.
 */

/** Apostrophes, and other characters that are used as one. */
export const APOSTROPHES = /['`´‘’‛′＇ʹʻʼʽˈꞋꞌ׳״]/gu
/** Signs of trademarks and copyright. Compatibility forms would turn some of them into letters. */
export const TRADEMARKS = /[©®™℠℗🅪🅫🅬ⒸⓒⓅⓟⓇⓡ]/gu

/** Characters without a glyph: default-ignorable code points, and the marks of interlinear annotations. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]+/gu
/** White space without the control characters that the API rejects. The blank Braille pattern looks like a space. */
const SPACE = '[\\t\\n\\r\\p{Z}\\u2800]'
const SPACES = new RegExp(`${SPACE}+`, 'gu')
/** White space at both ends. Without the lookbehind, a run of spaces within the text would take quadratic time. */
const OUTER_SPACES = new RegExp(`^${SPACE}+|(?<!${SPACE})${SPACE}+$`, 'gu')
const CARRIAGE_RETURN = /\r\n?/g
/**
 * More marks in a row than the Stream-Safe Text Format allows (UAX #15, section 13). No language needs them, and their canonical order takes
 * quadratic time.
 */
const TOO_MANY_MARKS = /\p{M}{31}/u

const toNfc = (text: string) => (TOO_MANY_MARKS.test(text) ? text : text.normalize('NFC'))
const toSingleLine = (text: string) => toNfc(text).replace(SPACES, ' ').replace(/^ | $/g, '')

/** The usual text, which is normal already: printable ASCII, in one line without repeated spaces, or in several lines. */
const PLAIN_LINE = /^[!-~]+(?: [!-~]+)*$/
const PLAIN_LINES = /^[!-~](?:[ -~\n]*[!-~])?$/

/** Normalizes a code that identifies something, such as a SKU. */
export const toCode = (text: string): string =>
  PLAIN_LINE.test(text) ? text : toSingleLine(text.toWellFormed().replace(INVISIBLE, ''))

/** Normalizes text of one line, such as a title. */
export const toLine = (text: string): string => (PLAIN_LINE.test(text) ? text : toSingleLine(removeInvisible(text)))

/** Normalizes text of several lines, such as a description. Keeps the white space within it, but replaces carriage returns, which other programs add. */
export const toLines = (text: string): string =>
  PLAIN_LINES.test(text) ? text : toNfc(removeInvisible(text)).replace(CARRIAGE_RETURN, '\n').replace(OUTER_SPACES, '')

/** Replaces lone surrogates, which UTF-8 cannot represent. Removes invisible characters, unless the text around gives them a meaning. */
const removeInvisible = (text: string) =>
  text.toWellFormed().replace(INVISIBLE, (run, offset: number, whole: string) => {
    const end = offset + run.length
    const before = whole.slice(Math.max(0, offset - CONTEXT), offset)
    const [after] = [...whole.slice(end, end + 2)]
    return selectMeaningful(run, before, after ?? '')
  })

/** Pictographs that a variation selector shows as emoji or as text. Keyboards add selectors to © ® ™, where they mean nothing. */
const PICTOGRAPH = /(?![©®™])\p{Extended_Pictographic}/u
const JOINABLE_EMOJI = /(?![©®™])[\p{Extended_Pictographic}\p{Emoji_Modifier}]/u
const KEYCAP_BASE = /[0-9#*]/
const KEYCAP = '\u20e3'
const BLACK_FLAG = '🏴'
/** The subdivision of a flag such as that of Scotland. */
const FLAG_TAGS = /^[\u{e0020}-\u{e007e}]+\u{e007f}/u
const VARIATION_SELECTOR = /[\ufe0e\ufe0f]/
const MONGOLIAN_SELECTOR = /[\u180b-\u180f]/
const JOINER = /[\u200c\u200d]/
/** Scripts in which a joiner changes a letter or a word, as in Persian or Sinhala. */
const JOINING_SCRIPTS = 'Arab Bali Beng Deva Gujr Guru Java Khmr Knda Mlym Mong Mymr Nkoo Orya Sinh Syrc Taml Telu Tibt'
const JOINING_LETTER = new RegExp(`(?=[\\p{L}\\p{M}])[${JOINING_SCRIPTS.replace(/\w+/g, '\\p{scx=$&}')}]`, 'u')

/** The last character of a text that is no mark. A mark such as the dot below can belong to letters of several scripts. */
const BASE = /(\P{M})\p{M}*$/u
/** UTF-16 units before an invisible run that are looked at. */
const CONTEXT = 32

/**
 * Returns the characters of an invisible run that have a meaning between two characters: in emoji, and within words of some scripts.
 * @param context The text before the run.
 * @param after The character after the run.
 */
function selectMeaningful(run: string, context: string, after: string): string {
  const before = [...context].at(-1) ?? ''
  if (PICTOGRAPH.test(before) || JOINABLE_EMOJI.test(before)) {
    const tags = before === BLACK_FLAG ? (FLAG_TAGS.exec(run)?.[0] ?? '') : ''
    const selector = PICTOGRAPH.test(before) ? (VARIATION_SELECTOR.exec(run)?.[0] ?? '') : ''
    return tags + selector + (run.includes('\u200d') && PICTOGRAPH.test(after) ? '\u200d' : '')
  }
  if (KEYCAP_BASE.test(before)) return after === KEYCAP && run.includes('\ufe0f') ? '\ufe0f' : ''
  if (!JOINING_LETTER.test(BASE.exec(context)?.[1] ?? '')) return ''
  const selector = /\p{Script=Mongolian}/u.test(before) ? (MONGOLIAN_SELECTOR.exec(run)?.[0] ?? '') : ''
  return selector + (JOINING_LETTER.test(after) ? (JOINER.exec(run)?.[0] ?? '') : '')
}
