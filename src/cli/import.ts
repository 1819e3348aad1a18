/* Makes and changes products by a file, or by standard input: `npm run import -- help`. */

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ImportReport } from '../../schemas/transfer.js'
import { ProductStore } from '../store/products.js'
import { readCsv } from '../transfer/csv.js'
import { importProducts } from '../transfer/importer.js'
import { readNdjson } from '../transfer/ndjson.js'
import { UnreadableError } from '../transfer/rows.js'
import { InputError, readArguments, runCommand, withCatalog } from './input.js'
import { Progress } from './progress.js'

const USAGE = `Usage: npm run import -- [FILE] [--format ndjson|csv] [--mode all-or-nothing|each] [--dry-run]

  FILE        what to read; standard input, where there is none
  --format    ndjson or csv; where nothing is said it is told by the end of the name of the file, or else ndjson
  --mode      what refused rows mean for the others: all-or-nothing, where nothing is said, or each
  --dry-run   says what it would do, and writes nothing

Rows are products: those that there are, by id or sku, get the values of the row, others are made. They are written to
DATABASE_URL. The service may go on running; its own writes wait until the file is written.
`

const readers = { csv: readCsv, ndjson: readNdjson }

await runCommand(async (args) => {
  const { file, format, values } = readArguments(args, USAGE, ['mode'], ['dry-run'])
  const mode = values.mode ?? 'all-or-nothing'
  if (mode !== 'all-or-nothing' && mode !== 'each') throw new InputError(USAGE)
  const dryRun = values['dry-run'] === true
  const size = file === undefined ? 0 : await sizeOf(file)
  const progress = new Progress(process.stderr)
  const from = file === undefined ? process.stdin : createReadStream(file)
  const read = async function* () {
    let done = 0
    for await (const chunk of from as AsyncIterable<Buffer>) {
      yield chunk
      done += chunk.length
      progress.show('Reading bytes', done, size)
    }
  }
  const options = {
    mode,
    dryRun,
    progress: (done: number, rows: number) => progress.show('Importing', done, rows)
  } as const
  const report = await withCatalog((database) =>
    importProducts(new ProductStore(database), readers[format](read()), options, { by: 'shell' })
  ).catch((error) => {
    throw error instanceof UnreadableError
      ? new InputError(`Line ${error.line}: ${error.message}. Nothing was written.`)
      : error
  })
  progress.end()
  show(report)
})

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

function show({ mode, dryRun, rows, created, updated, unchanged, refused, refusals }: ImportReport): void {
  for (const { line, field, reason } of refusals) {
    process.stderr.write(`Line ${line}: ${[field, reason].filter((part) => part !== undefined).join(' ')}\n`)
  }
  if (refused > refusals.length) process.stderr.write(`… and ${refused - refusals.length} more.\n`)
  const isWritten = !dryRun && (mode === 'each' || refused === 0)
  const counts = `${rows} rows: ${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused.`
  process.stdout.write(`${counts}${isWritten ? '' : ' Nothing was written.'}\n`)
  if (refused > 0 && mode === 'all-or-nothing') process.exitCode = 1
}
