import { readNdjson } from '../ndjson-body.js'
import { createMappedKind } from './mapped-kind.js'
import { readPageEnd } from './paging.js'

/** One record of JSON per line. Blank lines are skipped. */
export const ndjson = createMappedKind(async function* (body, head, settings) {
  yield* readNdjson(body)
  return readPageEnd(undefined, head, settings)
})
