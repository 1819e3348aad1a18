import { CsvRowError, readCsvRows } from '../../../support/csv-rows.js'
import { SourceError } from '../../source-error.js'
import { type FeedItem, ItemBuilder, toAttributeName, type UnreadableItem } from './feed-items.js'
import { toValues } from './feed-lists.js'

/** Maximum size of a row, in bytes. */
const ROW_MAX = 1_000_000
/** Bytes that are parsed in one step. */
const STEP = 16_384
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
  const table = await FeedTable.open(text[Symbol.asyncIterator]())
  const options = { separator: findSeparator(table.header), hasLooseQuotes: true, rowMax: ROW_MAX, step: STEP }
  let columns: readonly (string | undefined)[] | undefined
  try {
    for await (const rows of readCsvRows(table.read(), options)) {
      for (const { cells } of rows) {
        if (!columns) columns = toColumns(cells)
        else if (!isEmptyRow(cells)) yield toItem(cells, columns)
      }
    }
  } catch (error) {
    if (!(error instanceof CsvRowError)) throw error
    const line = error.line + table.linesBefore
    if (error.problem === 'too-long') throw tooLong(line)
    if (error.problem === 'unclosed-quote') throw invalid('the feed is truncated: its last quotation mark is missing')
    throw invalid(`line ${line} of the feed is not readable: ${error.message.slice(0, 200)}`)
  }
}

/** The text of a feed from its header on. */
class FeedTable {
  readonly header: string
  /** Number of lines before the header. */
  readonly linesBefore: number
  readonly #rest: string
  readonly #chunks: AsyncIterator<string>

  private constructor(header: string, linesBefore: number, rest: string, chunks: AsyncIterator<string>) {
    this.header = header
    this.linesBefore = linesBefore
    this.#rest = rest
    this.#chunks = chunks
  }

  /**
   * Reads to the end of the header. Leaves out comments, which Meta permits above it.
   * @throws {SourceError} if there is none.
   */
  static async open(chunks: AsyncIterator<string>): Promise<FeedTable> {
    let text = ''
    let line = 0
    for (let chunk = await readNext(chunks); chunk !== undefined; chunk = await readNext(chunks)) {
      text += chunk
      for (let end = findLineEnd(text); end > 0; end = findLineEnd(text)) {
        const header = text.slice(0, end)
        text = text.slice(end)
        if (header.trim() !== '' && !header.startsWith('#')) return new FeedTable(header, line, text, chunks)
        line++
      }
      if (text.length > ROW_MAX) throw tooLong(line + 1)
    }
    throw invalid('the feed is truncated: it has no line of column names')
  }

  /**
   * Returns the table as UTF-8.
   * @throws {SourceError} at its end, if its last row has no line end. Without the error, the parser would accept the row.
   */
  async *read(): AsyncGenerator<Uint8Array> {
    let end = ''
    const chunks = this.#chunks
    for (
      let chunk: string | undefined = this.header + this.#rest;
      chunk !== undefined;
      chunk = await readNext(chunks)
    ) {
      end = (end + chunk.slice(-LAST_LINE_MAX)).slice(-LAST_LINE_MAX)
      yield Buffer.from(chunk)
    }
    if (!/[\r\n]$/.test(end) && !MARKED_END.test(end)) throw invalid(NO_LINE_END)
  }
}

/** Returns whether a row has no cells that are filled, apart from an end mark. */
const isEmptyRow = ([first = '', ...others]: readonly string[]) =>
  (first.trim() === '' || first.trim() === END_MARK) && others.every((cell) => cell.trim() === '')

async function readNext(chunks: AsyncIterator<string>): Promise<string | undefined> {
  const { done, value } = await chunks.next()
  return done ? undefined : value
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
  new SourceError('too-large', { detail: `line ${line} of the feed has more than ${ROW_MAX} bytes` })
