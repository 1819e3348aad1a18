import type { Paging } from '../../../../schemas/source-paging.js'
import { SourceError } from '../../source-error.js'
import { findNextLink } from '../link-header.js'
import type { PageEnd, ReadPage, ResponseHead, SourceKind, SourceRequest, SourceSettings } from '../source-kind.js'
import { SourceRecord } from '../source-record.js'

const NO_PAGING: Paging = { type: 'none' }
const FIRST_PAGE = 1

const pagingOf = ({ mapping }: SourceSettings): Paging => mapping?.paging ?? NO_PAGING

/** Returns the request of the first page. */
export function firstPage(settings: SourceSettings): SourceRequest {
  const paging = pagingOf(settings)
  switch (paging.type) {
    case 'page':
      return requestPage(settings, paging.first ?? FIRST_PAGE)
    case 'offset':
      return requestPage(settings, 0)
    default:
      return requestPage(settings, undefined)
  }
}

/**
 * Returns the request after a page, or that the pages have all records.
 * @throws {SourceError} if the source has fewer or more records than it says, or if the next page is not on the same server.
 */
export function nextPage(page: ReadPage, settings: SourceSettings): ReturnType<SourceKind['next']> {
  const paging = pagingOf(settings)
  const { request, records, recordsSoFar, isRepeated, end } = page
  if (paging.type === 'none') return endOf(page)
  if (paging.type === 'link' || paging.type === 'next')
    return end.next === undefined ? endOf(page) : followLink(end.next, request.url)
  const current = Number(new URL(request.url).searchParams.get(parameterOf(paging)))
  // A source that ignores the parameter sends its first page for all numbers.
  if (isRepeated && paging.type === 'page' && current === (paging.first ?? FIRST_PAGE) + 1)
    return { incomplete: `the second page repeats the first one. Check the parameter ${parameterOf(paging)} of paging` }
  if (records === 0 || isRepeated || (end.total !== undefined && recordsSoFar >= end.total)) return endOf(page)
  return requestPage(settings, paging.type === 'page' ? current + 1 : recordsSoFar)
}

/** Returns whether the source may repeat its last page: it has page numbers, and does not say how many records there are. */
export function mayRepeatLastPage(settings: SourceSettings): boolean {
  const paging = pagingOf(settings)
  return paging.type === 'page' && paging.total === undefined
}

/** Returns that the pages have all records. @throws {SourceError} if the source says otherwise. */
function endOf({ recordsSoFar, isShifting, end: { total } }: ReadPage) {
  if (total !== undefined && (recordsSoFar < total || (recordsSoFar > total && !isShifting)))
    throw new SourceError('invalid', { detail: `the source sent ${recordsSoFar} of ${total} products` })
  return 'whole' as const
}

/** @throws {SourceError} */
function followLink(next: string, current: string): SourceRequest {
  const invalid = (detail: string) => new SourceError('invalid', { detail })
  if (!URL.canParse(next, current)) throw invalid(`the URL of the next page is not valid: ${next.slice(0, 100)}`)
  const url = new URL(next, current)
  url.hash = ''
  if (url.origin !== new URL(current).origin) throw invalid(`the next page is on another server: ${url.origin}`)
  if (url.href === current) throw invalid('the URL of the next page is that of the page itself')
  return { url: url.href }
}

const parameterOf = (paging: Paging): string =>
  ('parameter' in paging && paging.parameter) || (paging.type === 'page' ? 'page' : 'offset')

function requestPage(settings: SourceSettings, position: number | undefined): SourceRequest {
  const url = new URL(settings.url)
  const paging = pagingOf(settings)
  if (paging.type !== 'none' && paging.sizeParameter !== undefined && paging.size !== undefined)
    url.searchParams.set(paging.sizeParameter, String(paging.size))
  if (position !== undefined) url.searchParams.set(parameterOf(paging), String(position))
  return { url: url.href }
}

/**
 * Reads the total and the URL of the next page.
 * @param page The page without its records.
 * @throws {SourceError} if the page has no usable total although the mapping says where it is.
 */
export function readPageEnd(page: unknown, { headers }: ResponseHead, settings: SourceSettings): PageEnd {
  const paging = pagingOf(settings)
  const record = new SourceRecord(page, { hasNumbersAsText: true })
  let next: string | undefined
  if (paging.type === 'link') next = findNextLink(headers.link)
  if (paging.type === 'next') next = record.line(paging.next, {})
  if (paging.total === undefined) return { next }
  const total = record.integer(paging.total, { minimum: 0 })
  if (total === undefined)
    throw new SourceError('invalid', { detail: `the page has no number of records at ${paging.total}` })
  return { next, total }
}
