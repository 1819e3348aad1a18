/** Name of the cookie that carries the token over plain http. */
export const TOKEN_COOKIE = 'token'

/**
 * Name of the cookie that carries the token over https. Browsers let no other host, and no page that was loaded over plain http, set a
 * cookie with this prefix (RFC 6265bis, section 4.1.3.2).
 */
export const HOST_TOKEN_COOKIE = '__Host-token'

/** Maximum number of values of one name that are read. Each may cost a verification of a signature. */
const VALUES_MAX = 5

/**
 * Returns the values of a cookie, at most `VALUES_MAX`. Browsers send several cookies of the same name if they were set for different
 * paths or domains (RFC 6265, section 5.4), such as one of another service on a parent domain.
 */
export function cookieValues(header: string, name: string): string[] {
  const values: string[] = []
  for (const pair of header.split(';')) {
    const separator = pair.indexOf('=')
    if (pair.slice(0, separator).trim() !== name) continue
    values.push(
      pair
        .slice(separator + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1')
    )
    if (values.length === VALUES_MAX) break
  }
  return values
}

/** Attributes that all cookies of the service share. Over https they are also `Secure`. */
export const COOKIE_OPTIONS = { httpOnly: true, sameSite: 'strict' } as const

/** Attributes of the cookies that carry the token. Browsers accept the prefix `__Host-` only with this path. */
export const TOKEN_COOKIE_OPTIONS = { ...COOKIE_OPTIONS, path: '/' } as const
