import type { Test } from 'tap'
import type { Config } from '../../src/config.js'
import { parseSourceAuth } from '../../src/sync/source-auth.js'
import { ADMIN, startApp, type TestApp } from './app.js'

/** The credentials of the admin of a test app, in the form of `SOURCE_AUTH`. */
export const ADMIN_AUTH = parseSourceAuth(`Basic ${ADMIN.username}:${ADMIN.password}`)

/** Starts an instance that reads another one. Its database is not a copy of the usual template, so that it has an epoch of its own. */
export const startReader = (t: Test, of: { url: string }, config: Partial<Config> = {}): Promise<TestApp> =>
  startApp(t, {
    config: {
      sourceUrl: of.url,
      sourceKind: 'catalog',
      sourceAuth: ADMIN_AUTH,
      adminPassword: ADMIN.password,
      ...config
    }
  })

/** Syncs everything that has changed so far. A sync that an event has started may have read the source before. */
export async function syncAll(app: TestApp): Promise<void> {
  await app.sync()
  await app.sync()
}

/** Returns what readers see, without the fields that describe the relation of a product to its catalog. */
export async function readAll(app: TestApp): Promise<{ products: object[]; categories: object[] }> {
  const { text } = await app.request('/products/export')
  const products = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  const { categories } = (await app.request('/categories')).body
  return {
    products: products.map(({ version: _, origin: __, edited: ___, externalId: ____, ...product }) => product),
    categories: categories.map(({ edited: _, ...category }: { edited: unknown }) => category)
  }
}
