/** A header with credentials for the source. */
export interface SourceAuth {
  name: string
  value: string
}

const FORM = /^(?:(Bearer) +(\S+)|(Basic) +([^:]*:.*)|([\w!#$%&'*+.^`|~-]+): *(\S.*))$/i
/** Headers that the client sets, or that change how the request is sent. */
const RESERVED =
  /^(accept|accept-encoding|connection|content-length|expect|host|if-none-match|keep-alive|te|trailer|transfer-encoding|upgrade|user-agent)$/i
const BASIC = 'Basic '
const CHARACTERS = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Parses `SOURCE_AUTH`: `Bearer TOKEN`, `Basic USER:PASSWORD` (RFC 7617, in UTF-8) or `HEADER: VALUE`.
 * @returns Undefined if the text has none of these forms.
 */
export function parseSourceAuth(text: string): SourceAuth | undefined {
  const [, bearer, token, basic, userAndPassword = '', name = '', value = ''] = FORM.exec(text.trim()) ?? []
  if (bearer) return toHeader('authorization', `Bearer ${token}`)
  if (basic) return toHeader('authorization', `${BASIC}${Buffer.from(userAndPassword).toString('base64')}`)
  return name === '' || RESERVED.test(name) ? undefined : toHeader(name.toLowerCase(), value)
}

const toHeader = (name: string, value: string): SourceAuth | undefined =>
  CHARACTERS.test(value) ? { name, value } : undefined

/** Returns the texts of credentials that no message may contain: the value, its parts and, for `Basic`, the user and the password. */
export function toSecrets({ value }: Pick<SourceAuth, 'value'>): string[] {
  const parts = value.split(/[\s;=,]+/)
  const { user = '', password = '' } = toUserAndPassword({ value }) ?? {}
  return [...new Set([value, ...value.split(' '), ...parts, user, password])].filter((text) => text !== '')
}

/** Returns the user name and the password of `Basic` credentials; undefined for others. */
export function toUserAndPassword({
  value
}: Pick<SourceAuth, 'value'>): { user: string; password: string } | undefined {
  if (!value.startsWith(BASIC)) return undefined
  const decoded = Buffer.from(value.slice(BASIC.length), 'base64').toString()
  const colon = decoded.indexOf(':')
  return { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}
