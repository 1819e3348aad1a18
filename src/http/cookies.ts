/** Name of the cookie that carries the token over plain http. */
export const TOKEN_COOKIE = 'token'

/**
 * Name of the cookie that carries the token over https. Browsers let no other host, and no page that was loaded over plain http, set a
 * cookie with this prefix (RFC 6265bis, section 4.1.3.2).
 */
export const HOST_TOKEN_COOKIE = '__Host-token'

/** Attributes that all cookies of the service share. Over https they are also `Secure`. */
export const COOKIE_OPTIONS = { path: '/', httpOnly: true, sameSite: 'strict' } as const
