import { DecompressedBody } from './decompressed-body.js'
import type { SourceResponse } from './source-client.js'
import { SourceError } from './source-error.js'
import { kinds, type SourceKindName } from './sources/kinds.js'
import type { SourceKind } from './sources/source-kind.js'

/** Number of bytes of a response that tell its kind. */
const START_BYTES = 4096
const BYTE_ORDER_MARK = /^\ufeff/

const named = Object.entries(kinds) as [SourceKindName, SourceKind][]

/** Returns the kind of a source by its address; undefined if the address does not tell. */
export function recognizeByAddress(url: string): SourceKindName | undefined {
  const address = new URL(url)
  // Files have any name.
  if (address.protocol === 'file:') return undefined
  return named.find(([, kind]) => kind.hasAddress?.(address))?.[0]
}

/**
 * Returns the kind of a source by the first bytes of what its address returns.
 * @throws {SourceError} if they belong to no kind.
 */
export async function recognizeByContent({ head, body }: SourceResponse): Promise<SourceKindName> {
  const [type = ''] = (head.headers['content-type'] ?? '').toLowerCase().split(/\s*;/)
  const text = (await readStart(body)).replace(BYTE_ORDER_MARK, '').trimStart()
  const kind = named.find(([, kind]) => kind.hasContent?.({ type, text }))?.[0]
  if (kind !== undefined) return kind
  const found = text === '' ? 'is empty' : `starts with ${JSON.stringify(text.slice(0, 40))}`
  throw new SourceError('invalid', {
    detail: `the service does not recognize the kind of the source: its response has the type "${type}" and ${found}. Set SOURCE_KIND`
  })
}

async function readStart(chunks: AsyncIterator<Uint8Array>): Promise<string> {
  const body = new DecompressedBody({ [Symbol.asyncIterator]: () => chunks }, Number.POSITIVE_INFINITY)
  let start: Uint8Array = new Uint8Array()
  for await (const chunk of body) {
    start = Buffer.concat([start, chunk])
    if (start.length >= START_BYTES) break
  }
  return new TextDecoder().decode(start.subarray(0, START_BYTES))
}
