import { startApp } from '../../helpers/app.js'
import { administer, createDatabase, onEachEngine } from '../../helpers/engines.js'
import { sourceProduct } from '../../helpers/products.js'
import { idsOf, requestProducts } from '../../helpers/queries.js'

/** Titles with a misspelling of each. */
const titles = [
  ['Crème brûlée', 'brulle'],
  ['Матрёшка', 'матрешак'],
  ['Οδυσσέας', 'οδυσεας'],
  ['किताब', 'किताबा'],
  ['กาแฟเย็น', 'กาแฟเยน'],
  ['Женские кроссовки', 'кросовки']
] as const
const products = titles.map(([title], i) => sourceProduct(i + 1, { title }))

/** The databases of a server that `initdb --locale=C` and others made have these options by default. */
const locales = [
  "encoding 'UTF8' locale 'C'",
  "encoding 'SQL_ASCII' locale 'C'",
  "encoding 'UTF8' locale 'C' locale_provider icu icu_locale 'tr'"
]

onEachEngine('searches find the same words and similar spellings in databases of all locales', async (t, engine) => {
  const server = engine === 'PostgreSQL' ? await createDatabase(t) : undefined
  for (const [i, locale] of (server === undefined ? ['none'] : locales).entries()) {
    const databaseUrl = server && `${server}_${i}`
    if (databaseUrl)
      await administer(databaseUrl, `create database ${databaseUrl.split('/').at(-1)} template template0 ${locale}`)
    const app = await startApp(t, { products, ...(databaseUrl && { config: { databaseUrl } }) })
    for (const [i, [title, misspelled]] of titles.entries()) {
      for (const q of [title, title.toUpperCase(), title.slice(0, 4), misspelled])
        t.strictSame(idsOf((await requestProducts(app, { q })).body), [i + 1], `${q} with ${locale}`)
    }
    await app.app.close()
  }
})
