const LINK = /<([^>]*)>((?:\s*;\s*[^\s=;,"]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)*)/g
const RELATION = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))/i

/** Returns the target of the link `rel="next"` in a header `Link` (RFC 8288), as it is; undefined if there is none. */
export function findNextLink(header = ''): string | undefined {
  for (const [, target, parameters = ''] of header.slice(0, LENGTH_MAX).matchAll(LINK)) {
    const [, quoted, plain = ''] = RELATION.exec(parameters) ?? []
    if ((quoted ?? plain).toLowerCase().split(/\s+/).includes('next')) return target
  }
  return undefined
}

/** Characters of the header that are read: a header with one link has a few hundred. */
const LENGTH_MAX = 8000
