import type { SourceMapping } from '../../../../schemas/source-mapping.js'
import { readJsonList } from './json-list.js'
import { createMappedKind } from './mapped-kind.js'
import { readPageEnd } from './paging.js'

/** JSON with a list of records, of any size. */
export const json = createMappedKind(async function* (body, head, settings) {
  const { records = '' } = settings.mapping as SourceMapping
  const page = yield* readJsonList(body, records)
  return readPageEnd(page, head, settings)
})
