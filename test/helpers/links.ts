/**
 * Returns the path and query of the next page, as a client resolves the `Link` header (RFC 3986, section 5); undefined on the last page.
 * @param path Path and query of the request.
 */
export function nextPath(path: string, headers: Headers): string | undefined {
  const reference = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]
  if (reference === undefined) return undefined
  const { pathname, search } = new URL(reference, `http://service.example${path}`)
  return pathname + search
}
