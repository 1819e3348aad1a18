import type { FastifyBaseLogger } from 'fastify'
import { Accounts } from './auth/accounts.js'
import { SigningKeys } from './auth/keys.js'
import { Catalog } from './catalog/catalog.js'
import { ChangeFeed } from './catalog/change-feed.js'
import { Listings } from './catalog/listings.js'
import { ProductMemory } from './catalog/product-memory.js'
import { Retention } from './catalog/retention.js'
import type { Config } from './config.js'
import { Editor } from './editing/editor.js'
import { AccountStore } from './store/accounts.js'
import { ChangeStore } from './store/change-log.js'
import { openDatabase } from './store/database.js'
import { rederive } from './store/derived.js'
import { FactStore } from './store/facts.js'
import { migrate } from './store/migrations.js'
import { ProductStore } from './store/products.js'
import { SearchStore } from './store/search.js'
import { Snapshot } from './store/snapshot.js'
import { SourceStateStore } from './store/source-state.js'
import { TokenStore } from './store/tokens.js'
import { DummyJsonSource } from './sync/dummyjson.js'
import { Synchronizer } from './sync/synchronizer.js'
import { Transfers } from './transfer/transfers.js'

/** What the routes stand on. */
export type Services = ReturnType<typeof createServices>

/** Makes the services of a configuration. Nothing is opened, read or asked for before `start`. */
export function createServices(config: Config, log: FastifyBaseLogger) {
  const database = openDatabase(config.databaseUrl)
  const products = new ProductStore(database)
  const sourceState = new SourceStateStore(database)
  const tokens = new TokenStore(database)
  const keys = new SigningKeys(tokens)
  const accounts = new Accounts(new AccountStore(database))
  const snapshot = new Snapshot(database)
  const memory = new ProductMemory(new FactStore(database))
  const listings = new Listings(memory, new SearchStore(database))
  const catalog = new Catalog(products, memory, listings, snapshot, config.syncInterval)
  const editor = new Editor(products)
  const changes = new ChangeStore(database)
  const transfers = new Transfers(database, products, memory)
  const feed = new ChangeFeed(changes, () => catalog.known())
  const retention = new Retention(changes, config.changeRetention, log)
  const synchronizer = new Synchronizer({
    source: new DummyJsonSource(config.sourceUrl, { page: config.sourceTimeout * 1000 }),
    products,
    state: sourceState,
    log,
    interval: config.syncInterval,
    maxLoss: config.syncMaxLoss,
    sample: config.sampleCatalog
  })

  const stopping = new AbortController()
  let filling: Promise<void> | undefined

  return {
    accounts,
    catalog,
    changes,
    editor,
    feed,
    keys,
    products,
    snapshot,
    synchronizer,
    tokens,
    transfers,

    /**
     * Brings the database up to date, so that requests can be answered.
     * @param announce Is told the password that was made for the first account, where none was set.
     * @throws {FirstAccountError}
     */
    async start(announce: (username: string, password: string) => void): Promise<void> {
      await migrate(database)
      await rederive(database)
      await keys.load()
      const made = await accounts.ensureFirst(config.adminUsername, config.adminPassword, config.production)
      if (made !== undefined) announce(config.adminUsername, made)
      await synchronizer.prepare()
      await catalog.load()
    },

    /** Begins what goes on beside the requests. */
    begin(): void {
      synchronizer.start()
      retention.start()
      filling = memory.fill(stopping.signal).catch((error) => log.error(error, 'reading ahead failed'))
    },

    async stop(): Promise<void> {
      stopping.abort()
      await synchronizer.stop()
      await retention.stop()
      await filling
      await database.close()
    }
  }
}
