/** Returns the path of a request target (RFC 9112, section 3.2), still encoded: without scheme, authority, query and fragment. */
export const pathOf = (target: string): string =>
  target.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0] as string
