import type { Format } from '../transfer/exporter.js'
import { UsageError } from './command.js'

/**
 * Returns the file of an import or export, if the arguments name one, and its format.
 * @param format Value of the option `--format`. By default, the extension of the file decides.
 * @throws {UsageError}
 */
export function readFileArguments(
  [file, ...rest]: string[],
  format: string = file?.toLowerCase().endsWith('.csv') ? 'csv' : 'ndjson'
): { file: string | undefined; format: Format } {
  if (rest.length > 0) throw new UsageError('Too many arguments.')
  if (format !== 'csv' && format !== 'ndjson') throw new UsageError(`--format must be ndjson or csv (got "${format}").`)
  return { file, format }
}
