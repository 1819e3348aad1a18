import type { PageEnd, SourceKind, SourceRequest, SourceSettings } from '../../src/sync/sources/source-kind.js'

/** Reads all pages of a source in this thread. The service reads them in a thread whose code the measurement of coverage does not see. */
export async function readPages(kind: SourceKind, settings: SourceSettings): Promise<unknown[]> {
  const records: unknown[] = []
  let next: ReturnType<SourceKind['next']> = kind.first(settings)
  while (next !== 'whole' && 'url' in next) {
    const request: SourceRequest = next
    const before = records.length
    const { continuation, ...end } = await readResponse(kind, settings, { request }, records)
    for (let part = continuation; part; ) part = (await readResponse(kind, settings, part, records)).continuation
    const page = { request, records: records.length - before, recordsSoFar: records.length, isShifting: false, end }
    next = kind.next(page, settings)
  }
  return records
}

async function readResponse(
  kind: SourceKind,
  settings: SourceSettings,
  { request, state }: { request: SourceRequest; state?: Uint8Array },
  records: unknown[]
): Promise<PageEnd> {
  const { url } = request
  const response = await fetch(url)
  const head = { url, headers: Object.fromEntries(response.headers), isMissing: response.status === 404 }
  const reading = kind.read(response.body as AsyncIterable<Uint8Array>, head, settings, state)
  for (;;) {
    const { done, value } = await reading.next()
    if (done) return value
    records.push(value)
  }
}
