import { findExceededLimit } from '../../support/json-limits.js'
import { SourceError } from '../source-error.js'
import type { ResponseHead } from './source-kind.js'

/** Maximum size of a page of JSON, in bytes. A product of DummyJSON has about 1.5 kB. */
const SIZE_MAX = 16_000_000
/** Maximum nesting depth and number of values of a page. A real page has 6 levels and 50 values per product. */
const LIMITS = { depthMax: 100, valuesMax: 1_000_000 }
/** The content type of JSON, with or without parameters. */
export const JSON_TYPE = /^application\/([\w.+-]+\+)?json *(;|$)/i

/**
 * Reads a page of JSON as a whole. Checks its size and nesting before it is parsed.
 * @throws {SourceError}
 */
export async function readJsonBody(body: AsyncIterable<Uint8Array>, { headers }: ResponseHead): Promise<unknown> {
  const { 'content-type': type } = headers
  if (!JSON_TYPE.test(String(type))) throw invalid(`the response has the content type ${String(type).slice(0, 100)}`)
  const bytes = await readBytes(body)
  if (findExceededLimit(bytes, LIMITS)) throw invalid('the page is nested too deeply or has too many values')
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw invalid('the page is not UTF-8')
  }
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('the page is not JSON')
  }
}

async function readBytes(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > SIZE_MAX) throw new SourceError('too-large', { detail: `a page has more than ${SIZE_MAX} bytes` })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const invalid = (detail: string) => new SourceError('invalid', { detail })
