import type { Format } from '../transfer/exporter.js'
import { UsageError } from './command.js'

/** Returns the file of an import or export, if one is given, and the format: as the option says or, without it, the file's name. */
export function readFileArguments(
  [file, ...rest]: string[],
  format: string = file?.toLowerCase().endsWith('.csv') ? 'csv' : 'ndjson'
): { file: string | undefined; format: Format } {
  if (rest.length > 0) throw new UsageError('There are too many arguments.')
  if (format !== 'csv' && format !== 'ndjson') throw new UsageError(`--format must be ndjson or csv (got "${format}").`)
  return { file, format }
}
