import type { ProductQuery } from '../../schemas/product.js'

/** The `Link` header of a page (RFC 8288), with addresses relative to this one, so that they hold behind any proxy. */
export function pageLinks({ limit, offset }: ProductQuery, total: number): string {
  const last = Math.max(0, Math.ceil(total / limit) - 1) * limit
  const offsets: Record<string, number> = { first: 0 }
  if (offset > 0) offsets.prev = Math.min(Math.max(0, offset - limit), last)
  if (offset + limit < total) offsets.next = offset + limit
  offsets.last = last
  return Object.entries(offsets)
    .map(([rel, at]) => `</products?limit=${limit}&offset=${at}>; rel="${rel}"`)
    .join(', ')
}
