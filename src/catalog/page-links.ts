import type { ProductQuery } from '../../schemas/listing.js'
import { LINK_MAX } from '../../schemas/responses.js'

/** The position of a page in its list. */
export interface PageInfo {
  limit: number
  /** Offset of the page's first product; undefined if the page was requested by cursor. */
  offset: number | undefined
  total: number
  nextCursor: string | undefined
}

/**
 * Returns the `Link` header of a page (RFC 8288). The references have no path (RFC 3986, section 4.2), so they also work behind a proxy that
 * adds a prefix to all paths. A page that was requested by offset links to other offsets, a page that was requested by cursor to the next
 * cursor.
 * @returns Undefined if the header would be longer than clients accept.
 */
export function toLinkHeader(query: ProductQuery, { limit, offset, total, nextCursor }: PageInfo): string | undefined {
  const { offset: _, cursor: __, limit: ___, ...others } = query
  const parameters = new URLSearchParams()
  for (const [name, values] of Object.entries(others))
    for (const value of [values].flat()) parameters.append(name, String(value))
  parameters.append('limit', String(limit))
  const base = String(parameters)
  const link = (rel: string, position = '') => `<?${base}${position}>; rel="${rel}"`
  const at = (rel: string, offset: number) => link(rel, `&offset=${offset}`)
  const links: string[] = []
  if (offset === undefined) {
    links.push(link('first'))
    if (nextCursor !== undefined) links.push(link('next', `&cursor=${nextCursor}`))
  } else {
    const last = Math.max(0, Math.ceil(total / limit) - 1) * limit
    links.push(at('first', 0))
    if (offset > 0) links.push(at('prev', Math.min(Math.max(0, offset - limit), last)))
    if (offset + limit < total) links.push(at('next', offset + limit))
    links.push(at('last', last))
  }
  const header = links.join(', ')
  return header.length <= LINK_MAX ? header : undefined
}
