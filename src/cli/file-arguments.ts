import { extname } from 'node:path'
import { type Format, formats } from '../transfer/export-formats.js'
import { UsageError } from './command.js'

/**
 * Returns the file of an import or export, if the arguments name one, and its format.
 * @param given Value of the option `--format`. By default, the extension of the file decides.
 * @param permitted The formats of the command. The first one is the default.
 * @throws {UsageError}
 */
export function readFileArguments<F extends Format>(
  [file, ...rest]: string[],
  given: string | undefined,
  permitted: readonly [F, ...F[]]
): { file: string | undefined; format: F } {
  if (rest.length > 0) throw new UsageError('Too many arguments.')
  if (given === undefined) return { file, format: findFormat(file, permitted) ?? permitted[0] }
  const format = permitted.find((format) => format === given)
  if (format !== undefined) return { file, format }
  const names = `${permitted.slice(0, -1).join(', ')} or ${permitted.at(-1)}`
  throw new UsageError(`--format must be ${names} (got "${given}").`)
}

function findFormat<F extends Format>(file: string | undefined, permitted: readonly F[]): F | undefined {
  const extension = extname(file ?? '')
    .slice(1)
    .toLowerCase()
  return permitted.find((format) => formats[format].extensions.includes(extension))
}
