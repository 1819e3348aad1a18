import { finished } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'

/** A row of a CSV file. */
export interface CsvRow {
  cells: string[]
  /** The line in which it ends. Lines count from 1. */
  line: number
}

export interface CsvOptions {
  separator: string
  /** The line in which the first row begins. By default the first line. */
  fromLine?: number
  /** Whether a cell that does not begin with a quotation mark can contain some, such as `24" screen`. */
  hasLooseQuotes?: boolean
  /** Maximum size of a row, in bytes. */
  rowMax: number
  /** Bytes that are parsed in one step. */
  step: number
}

/** Thrown if a file is not readable CSV. */
export class CsvRowError extends Error {
  override name = 'CsvRowError'

  constructor(
    readonly line: number,
    readonly problem: 'too-long' | 'unclosed-quote' | 'other',
    message: string,
    options?: ErrorOptions
  ) {
    super(message, options)
  }
}

/**
 * Parses CSV (RFC 4180) while it arrives. Yields the rows of each step, which can be none. Leaves out blank lines. A byte order mark is not
 * part of the first cell, and any of the usual line ends ends a row. Rows can have any number of cells.
 * @param chunks UTF-8. It is not checked.
 * @throws {CsvRowError}
 */
export async function* readCsvRows(
  chunks: AsyncIterable<Uint8Array>,
  { separator, fromLine = 1, hasLooseQuotes = false, rowMax, step }: CsvOptions
): AsyncGenerator<CsvRow[]> {
  let rows: CsvRow[] = []
  /** Bytes since the last end of a row or blank line. The limit of the parser does not count separators. */
  let pending = 0
  const parser = parse({
    bom: true,
    delimiter: separator,
    from_line: fromLine,
    relax_column_count: true,
    relax_quotes: hasLooseQuotes,
    skip_empty_lines: true,
    // By default, the parser accepts only the kind of line end that comes first in the file.
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: rowMax,
    on_record: (cells: string[]) => {
      rows.push({ cells, line: parser.info.lines })
      // Keeps rows out of the stream, because its buffer takes quadratic time.
      return null
    }
  })
  // An error event without a listener would end the process. The error is thrown below.
  parser.on('error', () => {})
  const countEnds = () => parser.info.records + parser.info.empty_lines
  try {
    for await (const chunk of chunks) {
      for (let start = 0; start < chunk.length; start += step) {
        const piece = chunk.subarray(start, start + step)
        const ends = countEnds()
        parser.write(piece)
        if (parser.errored) throw parser.errored
        pending = countEnds() > ends ? 0 : pending + piece.length
        if (pending > rowMax + step) throw tooLong(parser.info.lines, rowMax)
        yield rows
        rows = []
      }
    }
    await finished(parser.end().resume())
    yield rows
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = Number(error.lines)
    if (error.code === 'CSV_MAX_RECORD_SIZE') throw tooLong(line, rowMax)
    const problem = error.code === 'CSV_QUOTE_NOT_CLOSED' ? 'unclosed-quote' : 'other'
    throw new CsvRowError(line, problem, error.message, { cause: error })
  } finally {
    parser.destroy()
  }
}

const tooLong = (line: number, max: number) =>
  new CsvRowError(line, 'too-long', `a record must have at most ${max} bytes`)
