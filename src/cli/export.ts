/* Exports products to a file or to standard output: `catalog export --help`. */

import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { ErrorObject } from 'ajv'
import { PRODUCT_STATUSES } from '../../schemas/product.js'
import { ExportQuery } from '../../schemas/transfer.js'
import { ProductMemory } from '../catalog/product-memory.js'
import { parseQuery } from '../catalog/query.js'
import { IndexStore } from '../store/index-store.js'
import { StateCache } from '../store/state-cache.js'
import { createValidator, parseText } from '../support/validation.js'
import { describeError, toPointer } from '../support/validation-errors.js'
import { formats } from '../transfer/export-formats.js'
import { exportProducts } from '../transfer/exporter.js'
import { InputError, parseArguments, withCatalog } from './command.js'
import { readFileArguments } from './file-arguments.js'
import { Progress } from './progress.js'

export const usage = `Usage: catalog export [FILE] [--format ndjson|csv|rss|tsv] [--query PARAMETERS]

  FILE       the file to write; by default, standard output
  --format   ndjson, csv, or a merchant feed (rss, tsv); by default, csv if FILE ends in .csv, rss if it ends in .xml or
             .rss, tsv if it ends in .tsv, and ndjson otherwise
  --query    query parameters of GET /products/export, such as 'category=beauty&sort=-price'. Without status, ndjson and
             csv include drafts and archived products. Merchant feeds never do

The command exports a consistent snapshot of the database in DATABASE_URL. The service can keep running.
`

const EXPORT_FORMATS = ['ndjson', 'csv', 'rss', 'tsv'] as const

export async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArguments(args, { format: { type: 'string' }, query: { type: 'string' } })
  const { file, format } = readFileArguments(positionals, values.format, EXPORT_FORMATS)
  const { limit, ...query } = readQuery(values.query ?? '')
  await withCatalog(async (database) => {
    const { cursorKey } = await new StateCache(database).read()
    const memory = new ProductMemory(new IndexStore(database))
    // Anyone with access to the database can read drafts. Without them, a copy of the catalog would be incomplete.
    const defaults = formats[format].isFeed ? {} : { status: [...PRODUCT_STATUSES] }
    const parsed = { ...parseQuery({ ...defaults, ...query }, cursorKey), limit }
    const { text, total, close } = await exportProducts(database, memory, parsed, format)
    try {
      if (file === undefined) await print(text)
      else await writeFile(file, text, total)
    } finally {
      await close()
    }
  })
}

async function print(text: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(text, process.stdout, { end: false })
  } catch (error) {
    // The process that reads the pipe, such as `head`, may end early. That is not an error.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
}

function readQuery(text: string): ExportQuery {
  const parameters = new URLSearchParams(text)
  const entries = [...parameters.keys()].map((name) => {
    const values = parameters.getAll(name)
    return [name, values.length === 1 ? values[0] : values]
  })
  const query: unknown = parseText(ExportQuery, Object.fromEntries(entries))
  const isQuery = createValidator({ useDefaults: false }).compile<ExportQuery>(ExportQuery)
  if (isQuery(query)) return query
  const errors = (isQuery.errors as ErrorObject[]).map(
    (error) => `${toPointer(error).slice(1)} ${describeError(error)}`
  )
  throw new InputError(`--query is invalid: ${errors.join('; ')}.`)
}

/** Writes a file under a temporary name, so that an incomplete file never has the final name. */
async function writeFile(file: string, text: AsyncIterable<string>, total: number): Promise<void> {
  const temporary = `${file}.part`
  const progress = new Progress(process.stderr)
  const out = createWriteStream(temporary)
  try {
    await pipeline(
      text,
      async function* (parts: AsyncIterable<string>) {
        let done = 0
        for await (const part of parts) {
          yield part
          done += part.split('\n').length - 1
          progress.show('Exporting', Math.min(done, total), total)
        }
      },
      out
    )
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  progress.end()
  process.stdout.write(`Exported ${total} products to ${file}.\n`)
}
