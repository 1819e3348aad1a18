import { SourceError } from '../../source-error.js'
import type { SourceSettings } from '../source-kind.js'

/** The path of the list of products, which `SOURCE_URL` may name instead of the instance. */
const LIST = /\/products$/

/**
 * Returns an address of the instance.
 * @throws {SourceError} if `SOURCE_URL` has a query: the changes of a part of the products cannot be listed.
 */
export function toAddress(
  { url }: Pick<SourceSettings, 'url'>,
  path: string,
  query: Record<string, string> = {}
): string {
  const address = new URL(url)
  if (address.search !== '') {
    const detail =
      'the SOURCE_URL of another instance must not have a query, because the service reads all of its products'
    throw new SourceError('invalid', { detail })
  }
  address.pathname = address.pathname.replace(LIST, '').replace(/\/+$/, '') + path
  address.search = new URLSearchParams(query).toString()
  return address.href
}
