/*
 * Spreadsheets and pandas change texts when they open a CSV file: they run formulas, and convert texts that look like numbers, dates,
 * booleans or missing values. An apostrophe in front of a text prevents that, because the cell no longer looks like any of these.
 */

/** Texts that a spreadsheet may run as a formula, and texts that begin with the apostrophe of a marked text. */
const FORMULA = /^\s*['=+\-@\t\r\n＝＋－＠]/u
/** Booleans, and the texts that pandas and R read as a missing value or as infinity. Excel knows booleans in its own language. */
const KEYWORD =
  /^(true|false|wahr|falsch|vrai|faux|vero|falso|verdadero|verdadeiro|waar|onwaar|prawda|fałsz|истина|ложь|[#<]?(n\/?a|nan|null|none)>?|1\.#(ind|qnan)|inf(inity)?)$/i
/** Error values of spreadsheets in English, German, French and Spanish, and a cell that is too narrow for its number. */
const ERROR_VALUE =
  /^(#(NAME\?|REF!|VALUE!|DIV\/0!|N\/A|NUM!|NULL!|BEZUG!|WERT!|NV|ZAHL!|NOM\?|VALEUR!|NOMBRE!|¿NOMBRE\?|¡(REF|VALOR|DIV\/0|NUM)!)|##+|Err:5\d\d)$/
/** Maximum length of a text that looks like a date. */
const DATE_MAX = 40

/** Letters in numbers, times and dates: exponents, ISO 8601, 12-hour clocks, and the units of dates in Chinese, Japanese and Korean. */
const UNITS = 'e t z d p m a am pm h st nd rd th 年 月 日 時 分 秒 년 월 일'
/** Month names and their abbreviations without accents, by language. A name that occurs earlier is not repeated. */
const MONTHS = `
  january february march april may june july august september october november december
  jan feb mar apr jun jul aug sep sept oct nov dec
  januar februar marz mai juni juli oktober dezember okt dez
  janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre janv fevr fev avr juil
  enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre ene abr ago dic
  gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre gen mag giu lug set ott
  janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro out
  januari februari maart mei augustus mrt
  stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia
  sty lut kwi maj cze lip sie wrz paz lis gru
  marts augusti desember des
  tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesakuuta heinakuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta
  ledna unora brezna dubna kvetna cervna cervence srpna zari rijna listopadu prosince
  ocak subat mart nisan mayis haziran temmuz agustos eylul ekim kasim aralik
  января февраля марта апреля мая июня июля августа сентября октября ноября декабря
  янв февр апр авг сент окт нояб дек мар июн июл`
const DATE_WORDS: ReadonlySet<string> = new Set(`${UNITS} ${MONTHS}`.trim().split(/\s+/))
const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency').map((code) => code.toLowerCase()))

/** Returns whether a text has a digit and, apart from that, only words and signs of numbers, amounts, dates and times. */
function looksLikeNumberOrDate(text: string): boolean {
  if (!/\p{Nd}/u.test(text)) return false
  if (text.length > DATE_MAX) return !/[^\p{Nd}\p{P}\p{S}\s]/u.test(text)
  const words = text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ı', 'i')
    .match(/\p{L}+/gu)
  return (words ?? []).every((word) => DATE_WORDS.has(word) || CURRENCIES.has(word))
}

/** Returns whether a spreadsheet may change a text. */
const isAtRisk = (text: string) =>
  FORMULA.test(text) || looksLikeNumberOrDate(text) || KEYWORD.test(text) || ERROR_VALUE.test(text)

/** Returns the cell of a text: marked with an apostrophe if a spreadsheet may change the text. */
export const markText = (text: string): string => (isAtRisk(text) ? `'${text}` : text)

/** Returns the text of a cell. A cell with only an apostrophe is an empty text. */
export const unmarkText = (cell: string): string => (isMarked(cell) ? cell.slice(1) : cell)

/** Returns whether a cell has the apostrophe of a marked text. Other texts, such as `'n`, may begin with one in files of other programs. */
const isMarked = (cell: string) => cell.startsWith("'") && (cell === "'" || isAtRisk(cell.slice(1)))

/** Spreadsheets cut longer cells off at this length, in UTF-16 units. */
const CELL_MAX = 32_767
/** A long number in the columns of identifiers, as spreadsheets display it. */
const DAMAGED_IDENTIFIER = /^(\d([.,]\d+)?E\+\d+|\d{8,}[.,]0)$/i

/**
 * Returns how a spreadsheet has visibly damaged a cell; undefined if it has not.
 * @param isIdentifier Whether the column has identifiers, such as SKUs.
 */
export function describeDamage(cell: string, isIdentifier: boolean): string | undefined {
  if (ERROR_VALUE.test(cell)) return 'is an error value of a spreadsheet'
  if (cell.length === CELL_MAX) return `is cut off: spreadsheets keep only ${CELL_MAX} characters of a cell`
  if (isIdentifier && DAMAGED_IDENTIFIER.test(cell)) return 'was converted to a number by a spreadsheet'
  return undefined
}
