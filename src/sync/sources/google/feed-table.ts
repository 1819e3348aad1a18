import { finished } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import { SourceError } from '../../source-error.js'
import { type FeedItem, ItemBuilder, toAttributeName, type UnreadableItem } from './feed-items.js'
import { toValues } from './feed-lists.js'

/** Maximum characters of a row. */
const ROW_MAX = 1_000_000
/** Characters per call of the parser. */
const PIECE = 16_384
const SEPARATORS = ['\t', ',', ';', '|']
/** Columns without which a table is no feed. */
const REQUIRED = ['id', 'title']
/** Columns that only feeds have together. */
const TYPICAL = ['id', 'title', 'price', 'link']
/** The first cell of a last row that marks the end of a feed. Its other cells are blank. */
const END_MARK = '#'
/** The end of a feed whose last line is an end mark without a line end. */
const MARKED_END = /[\r\n]"?#"?[\s,;|"]*$/
/** Characters at the end that can be such a line. */
const LAST_LINE_MAX = 1000

/** Returns whether a text starts like a feed in the form of a table. */
export function isFeedTable(text: string): boolean {
  const header = text.split(/[\r\n]+/).find((line) => line.trim() !== '' && !line.startsWith('#')) ?? ''
  const names = header.split(findSeparator(header)).map((cell) => toAttributeName(cell.replaceAll('"', '')))
  return TYPICAL.every((name) => names.includes(name))
}

/**
 * Reads the rows of a feed in the form of TSV or CSV while it arrives. The header names the columns, in any order. Comments can stand above
 * it. The last row must have a line end, or an end mark must follow it. Without them, a truncated row would look complete.
 * @throws {SourceError} if it is not such a feed, or if it is truncated.
 */
export async function* readTableItems(text: AsyncIterable<string>): AsyncGenerator<FeedItem | UnreadableItem> {
  const chunks = text[Symbol.asyncIterator]()
  const { header, rest, line } = await readHeader(chunks)
  const separator = findSeparator(header)
  let columns: readonly (string | undefined)[] | undefined
  let items: (FeedItem | UnreadableItem)[] = []
  /** Characters since the last end of a row. The limit of the parser does not count separators. */
  let pending = 0
  const parser = parse({
    delimiter: separator,
    relax_column_count: true,
    // Texts such as `24" screen` need no quotation.
    relax_quotes: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: ROW_MAX,
    on_record: (cells: string[]) => {
      if (!columns) columns = toColumns(cells)
      else if (!isEmptyRow(cells)) items.push(toItem(cells, columns))
      return null
    }
  })
  // An error event without a listener would end the process. The error is thrown below.
  parser.on('error', () => {})
  let end = ''
  try {
    for (let chunk: string | undefined = header + rest; chunk !== undefined; chunk = await readNext(chunks)) {
      for (const piece of toPieces(chunk)) {
        const before = parser.info.records + parser.info.empty_lines
        parser.write(Buffer.from(piece))
        if (parser.errored) throw parser.errored
        pending = parser.info.records + parser.info.empty_lines > before ? 0 : pending + piece.length
        if (pending > ROW_MAX + PIECE) throw tooLong(parser.info.lines + line)
        end = (end + piece).slice(-LAST_LINE_MAX)
      }
      yield* items
      items = []
    }
    // The parser would accept the last row.
    if (!/[\r\n]$/.test(end) && !MARKED_END.test(end)) throw invalid(NO_LINE_END)
    await finished(parser.end().resume())
    yield* items
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    if (error.code === 'CSV_MAX_RECORD_SIZE') throw tooLong(Number(error.lines) + line)
    if (error.code === 'CSV_QUOTE_NOT_CLOSED')
      throw invalid('the feed is truncated: its last quotation mark is missing')
    throw invalid(`line ${Number(error.lines) + line} of the feed is not readable: ${error.message.slice(0, 200)}`)
  } finally {
    parser.destroy()
  }
}

/** Returns whether a row has no cells that are filled, apart from an end mark. */
const isEmptyRow = ([first = '', ...others]: readonly string[]) =>
  (first.trim() === '' || first.trim() === END_MARK) && others.every((cell) => cell.trim() === '')

/** Cuts a text into pieces, but never between the two surrogates of a character. */
function* toPieces(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = start + PIECE
    const piece = text.slice(start, /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end + 1 : end)
    yield piece
    start += piece.length
  }
}

async function readNext(chunks: AsyncIterator<string>): Promise<string | undefined> {
  const { done, value } = await chunks.next()
  return done ? undefined : value
}

/**
 * Reads to the end of the header. Leaves out comments, which Meta permits above it.
 * @returns The header with its line end, the text after it, and the number of lines before it.
 */
async function readHeader(chunks: AsyncIterator<string>): Promise<{ header: string; rest: string; line: number }> {
  let text = ''
  let line = 0
  for (let chunk = await readNext(chunks); chunk !== undefined; chunk = await readNext(chunks)) {
    text += chunk
    for (let end = findLineEnd(text); end > 0; end = findLineEnd(text)) {
      const header = text.slice(0, end)
      text = text.slice(end)
      if (header.trim() !== '' && !header.startsWith('#')) return { header, rest: text, line }
      line++
    }
    if (text.length > ROW_MAX) throw tooLong(line + 1)
  }
  throw invalid('the feed is truncated: it has no line of column names')
}

/** Returns the position after the first line end; 0 if there is none. */
const findLineEnd = (text: string) => text.search(/\r(?!\n)|\n/) + 1

/** Returns the separator that occurs most often in the header. */
function findSeparator(header: string): string {
  const counts = SEPARATORS.map((separator) => header.split(separator).length)
  return SEPARATORS[counts.indexOf(Math.max(...counts))] as string
}

/** Returns the attributes of the columns. Columns that the service does not know are undefined. */
function toColumns(cells: readonly string[]): (string | undefined)[] {
  const columns = cells.map(toAttributeName)
  const missing = REQUIRED.filter((name) => !columns.includes(name))
  if (missing.length > 0)
    throw invalid(
      `the response is not a merchant feed: its first line has no column ${missing.join(' and no column ')}`
    )
  return columns
}

function toItem(cells: readonly string[], columns: readonly (string | undefined)[]): FeedItem | UnreadableItem {
  const builder = new ItemBuilder()
  for (const [i, attribute] of columns.entries()) {
    if (attribute === undefined) continue
    for (const value of toValues(attribute, cells[i] ?? '')) builder.add(attribute, value)
  }
  const item = builder.finish()
  // An unquoted separator shifts all cells after it.
  if (cells.slice(columns.length).every((cell) => cell.trim() === '')) return item
  const id = typeof item.id === 'string' ? item.id : undefined
  return { id, unreadable: `must have at most ${columns.length} cells, like the line of column names` }
}

const NO_LINE_END =
  'the feed may be truncated: its last row has no line end. Add one. If you cannot, as in Google Sheets, add a last row with # in its ' +
  'first cell'
const invalid = (detail: string) => new SourceError('invalid', { detail })
const tooLong = (line: number) =>
  new SourceError('too-large', { detail: `line ${line} of the feed has more than ${ROW_MAX} characters` })
