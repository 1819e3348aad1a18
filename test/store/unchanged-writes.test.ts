import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { openDatabase } from '../../src/store/open-database.js'
import { CHANNEL } from '../../src/store/postgres/change-listener.js'
import { startApp } from '../helpers/app.js'
import { onEachEngine } from '../helpers/engines.js'
import { mascara } from '../helpers/products.js'

onEachEngine(
  'a PATCH that changes nothing writes nothing and does not notify other processes of a change',
  async (t, engine) => {
    const app = await startApp(t, { products: [mascara] })
    const other = openDatabase(app.config.databaseUrl)
    t.teardown(() => other.close())
    const version = () => {
      try {
        return other.version()
      } catch {
        // On PostgreSQL, listening takes a moment to start.
        return undefined
      }
    }
    while (version() === undefined) await sleep(1)
    const headers = { 'if-match': '*' }
    const patch = (json: object) => app.request('/products/1', { method: 'PATCH', json, headers })
    const { body } = await patch({ stock: 5 })
    const row = () => other.read.selectFrom('catalog').selectAll().executeTakeFirstOrThrow()
    const written = await row()
    // Waits until all earlier writes have been noticed.
    const settle = async (): Promise<number | undefined> => {
      const before = version()
      if (engine === 'PostgreSQL') {
        const client = new pg.Client({ connectionString: app.config.databaseUrl })
        await client.connect()
        await client.query('select pg_notify($1, $2)', [CHANNEL, ''])
        await client.end()
        while (version() === before) await sleep(1)
      } else await sleep(20)
      return version()
    }
    const start = Number(await settle())

    for (const json of [{ stock: 5 }, {}, { title: mascara.title }]) t.strictSame((await patch(json)).body, body)
    t.strictSame(await row(), written)
    t.equal(await settle(), start + (engine === 'PostgreSQL' ? 1 : 0), 'no notification but the one of this test')
    await patch({ stock: 6 })
    t.ok(Number(await settle()) > start + 1 - (engine === 'SQLite' ? 1 : 0))
  }
)
