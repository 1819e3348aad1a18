/* Writes products to a file, or to standard output: `catalog export --help`. */

import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { ErrorObject } from 'ajv'
import { ExportQuery } from '../../schemas/transfer.js'
import { ProductMemory } from '../catalog/product-memory.js'
import { parseQuery } from '../catalog/query.js'
import { IndexStore } from '../store/index-store.js'
import { StateCache } from '../store/state-cache.js'
import { createValidator, parseText } from '../support/validation.js'
import { describeError } from '../support/validation-errors.js'
import { exportProducts } from '../transfer/exporter.js'
import { InputError, parseArguments, withCatalog } from './command.js'
import { readFileArguments } from './file-arguments.js'
import { Progress } from './progress.js'

export const usage = `Usage: catalog export [FILE] [--format ndjson|csv] [--query PARAMETERS]

  FILE       the file to write; standard output by default
  --format   ndjson or csv; by default csv for a FILE whose name ends in .csv, and ndjson otherwise
  --query    query parameters of GET /products/export, such as 'category=beauty&sort=-price'

The products are those in DATABASE_URL, all as they are at one moment. The service may go on running.
`

export async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArguments(args, { format: { type: 'string' }, query: { type: 'string' } })
  const { file, format } = readFileArguments(positionals, values.format)
  const { limit, ...query } = readQuery(values.query ?? '')
  await withCatalog(async (database) => {
    const { cursorKey } = await new StateCache(database).read()
    const memory = new ProductMemory(new IndexStore(database))
    const asked = { ...parseQuery(query, cursorKey), limit }
    const { text, total, close: end } = await exportProducts(database, memory, asked, format)
    try {
      if (file === undefined) await print(text)
      else await write(file, text, total)
    } finally {
      await end()
    }
  })
}

async function print(text: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(text, process.stdout, { end: false })
  } catch (error) {
    // The reader of the pipe, such as `head`, has read enough.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
}

function readQuery(text: string): ExportQuery {
  const parameters = new URLSearchParams(text)
  const given = Object.fromEntries([...parameters.keys()].map((name) => [name, parameters.getAll(name)]))
  const single = Object.entries(given).map(([name, values]) => [name, values.length === 1 ? values[0] : values])
  const query: unknown = parseText(ExportQuery, Object.fromEntries(single))
  const isQuery = createValidator({ useDefaults: false }).compile<ExportQuery>(ExportQuery)
  if (isQuery(query)) return query
  const errors = (isQuery.errors as ErrorObject[]).map(
    (error) => `${error.instancePath.slice(1) || error.params.additionalProperty} ${describeError(error)}`
  )
  throw new InputError(`--query is not valid: ${errors.join('; ')}`)
}

/** Under another name until all of it is there, so that nobody takes a part for the whole. */
async function write(file: string, text: AsyncIterable<string>, total: number): Promise<void> {
  const part = `${file}.part`
  const progress = new Progress(process.stderr)
  const out = createWriteStream(part)
  try {
    await pipeline(
      text,
      async function* (parts: AsyncIterable<string>) {
        let done = 0
        for await (const some of parts) {
          yield some
          done += some.split('\n').length - 1
          progress.show('Exporting', Math.min(done, total), total)
        }
      },
      out
    )
    await rename(part, file)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  progress.end()
  process.stdout.write(`Exported ${total} products to ${file}.\n`)
}
