/* Creates and updates products from a file or from standard input: `catalog import --help`. */

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ImportReport } from '../../schemas/transfer.js'
import { ProductStore } from '../store/products.js'
import { readFormat } from '../transfer/formats.js'
import { importProducts } from '../transfer/importer.js'
import { InputError, parseArguments, UsageError, withCatalog } from './command.js'
import { readFileArguments } from './file-arguments.js'
import { Progress } from './progress.js'

export const usage = `Usage: catalog import [FILE] [--format ndjson|csv] [--mode all-or-nothing|each] [--dry-run] [--force]

  FILE        the file to read; by default, standard input
  --format    ndjson or csv; by default, csv if FILE ends in .csv, and ndjson otherwise
  --mode      all-or-nothing (default): one invalid row rejects all rows
              each: writes the valid rows
  --dry-run   prints the result of the import, but writes nothing
  --force     overwrites changes that were made after the export of the file

A row whose id or sku exists updates that product. Any other row creates one; if it has an id, the id must be from
1,000,000,000 to 1,999,999,999. A row is rejected if its id belongs to a hidden product, to a product that its source no
longer has or, without --force, to a product that was deleted after the export.

The command uses the database in DATABASE_URL. The service can keep running. While the import writes to the database,
other writes wait. If a request to the service waits for longer than ten seconds, it can fail with 503.
`

export async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArguments(args, {
    format: { type: 'string' },
    mode: { type: 'string', default: 'all-or-nothing' },
    'dry-run': { type: 'boolean', default: false },
    force: { type: 'boolean', default: false }
  })
  const { file, format } = readFileArguments(positionals, values.format, ['ndjson', 'csv'])
  const { mode, 'dry-run': dryRun, force } = values
  if (mode !== 'all-or-nothing' && mode !== 'each') {
    throw new UsageError(`--mode must be all-or-nothing or each (got "${mode}").`)
  }
  const size = file === undefined ? 0 : await sizeOf(file)
  const progress = new Progress(process.stderr)
  const input = file === undefined ? process.stdin : createReadStream(file)
  const read = async function* () {
    let done = 0
    for await (const chunk of input as AsyncIterable<Buffer>) {
      yield chunk
      done += chunk.length
      progress.show('Reading bytes', done, size)
    }
  }
  const options = {
    mode,
    dryRun,
    force,
    progress: (done: number, rows: number) => progress.show('Importing', done, rows)
  } as const
  const report = await withCatalog((database) =>
    importProducts(new ProductStore(database), readFormat[format](read()), options, { by: 'shell' })
  )
  progress.end()
  print(report)
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

function print({ mode, dryRun, rows, created, updated, unchanged, refused, refusals }: ImportReport): void {
  for (const { line, field, reason } of refusals) {
    process.stderr.write(`Line ${line}: ${[field, reason].filter((part) => part !== undefined).join(' ')}\n`)
  }
  if (refused > refusals.length) process.stderr.write(`… and ${refused - refusals.length} more rows.\n`)
  const isWritten = !dryRun && (mode === 'each' || refused === 0)
  const counts = `${rows} rows: ${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused.`
  process.stdout.write(`${counts}${isWritten ? '' : ' Nothing was written.'}\n`)
  if (refused > 0 && mode === 'all-or-nothing') process.exitCode = 1
}
