import type { PageEnd, SourceKind, SourceRequest, SourceSettings } from '../../src/sync/sources/source-kind.js'

interface Reading {
  kind: SourceKind
  settings: SourceSettings
  headers: Record<string, string>
}

/**
 * Reads all pages of a source in this thread. The service reads them in a thread whose code the measurement of coverage does not see.
 * @param position The position after which the reading starts.
 */
export async function readPages(
  kind: SourceKind,
  settings: SourceSettings,
  headers: Record<string, string> = {},
  position?: string
): Promise<unknown[]> {
  const records: unknown[] = []
  const reading = { kind, settings, headers }
  let next: ReturnType<SourceKind['next']> = kind.first(settings, position)
  while (next !== 'whole' && 'url' in next) {
    const request: SourceRequest = next
    const before = records.length
    const { continuation, ...end } = await readResponse(reading, { request }, records)
    for (let part = continuation; part; ) part = (await readResponse(reading, part, records)).continuation
    const page = { request, records: records.length - before, recordsSoFar: records.length, isShifting: false, end }
    next = kind.next(page, settings)
  }
  return records
}

async function readResponse(
  { kind, settings, headers }: Reading,
  { request, state }: { request: SourceRequest; state?: Uint8Array },
  records: unknown[]
): Promise<PageEnd> {
  const { url, accept = '*/*' } = request
  const response = await fetch(url, { headers: { ...headers, accept } })
  const head = {
    url,
    headers: Object.fromEntries(response.headers),
    isMissing: response.status === 404 || response.status === 410
  }
  const reading = kind.read(response.body as AsyncIterable<Uint8Array>, head, settings, state)
  for (;;) {
    const { done, value } = await reading.next()
    if (done) return value
    records.push(value)
  }
}
