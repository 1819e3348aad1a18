import type { FastifyBaseLogger } from 'fastify'
import { Accounts, type ShowPassword } from './auth/accounts.js'
import { DeviceCookies } from './auth/device-cookies.js'
import { generateKey, SigningKeys } from './auth/signing-keys.js'
import { Catalog } from './catalog/catalog.js'
import { Listings } from './catalog/listings.js'
import { ProductMemory } from './catalog/product-memory.js'
import { ChangeFeed } from './changes/change-feed.js'
import { Retention } from './changes/retention.js'
import { SaleSchedule } from './changes/sale-schedule.js'
import type { Config } from './config.js'
import { CategoryEditor } from './editing/category-editor.js'
import { Editor } from './editing/editor.js'
import { AccountStore } from './store/accounts.js'
import { ChangeStore } from './store/change-store.js'
import { setCurrency } from './store/currency.js'
import { ExpiryStore } from './store/expiry.js'
import { IndexStore } from './store/index-store.js'
import { InstanceStore, RESTORED } from './store/instance.js'
import { migrate } from './store/migrate.js'
import { openDatabase } from './store/open-database.js'
import { ProductStore } from './store/products.js'
import { rebuildStoredForms } from './store/rebuild.js'
import { SaleStore } from './store/sales.js'
import { SearchStore } from './store/search.js'
import { SourceProductStore } from './store/source-products.js'
import { SourceStateStore } from './store/source-state.js'
import { SourceStore } from './store/sources.js'
import { StateCache } from './store/state-cache.js'
import { TokenStore } from './store/tokens.js'
import { openSource } from './sync/open-source.js'
import { prepareCatalog } from './sync/prepare-catalog.js'
import { Synchronizer } from './sync/synchronizer.js'
import { Transfers } from './transfer/transfers.js'

/** The services that the routes use. */
export type Services = ReturnType<typeof createServices>

/** Creates the services for a configuration. They open no connection and read no data before `start`. */
export function createServices(config: Config, log: FastifyBaseLogger) {
  // First, because it may throw.
  const source = config.sourceUrl === undefined ? undefined : openSource(config.sourceUrl, config)
  const stopping = new AbortController()
  const database = openDatabase(config.databaseUrl, (event, error) => {
    if (event === 'lost') log.error(error, 'lost the connection to the database')
    else log.info('reconnected to the database')
  })
  const products = new ProductStore(database)
  const sourceProducts = new SourceProductStore(database, products)
  const sourceState = new SourceStateStore(database)
  const sources = new SourceStore(database)
  const tokens = new TokenStore(database)
  const stateCache = new StateCache(database)
  const instance = new InstanceStore(database)
  const keys = new SigningKeys(tokens, stateCache)
  const accounts = new Accounts(new AccountStore(database), new DeviceCookies(stateCache))
  const memory = new ProductMemory(new IndexStore(database))
  const listings = new Listings(memory, new SearchStore(database))
  const catalog = new Catalog(products, memory, listings, stateCache, source && config.syncInterval)
  const editor = new Editor(products)
  const categoryEditor = new CategoryEditor(products, () => catalog.usedCategories())
  const changes = new ChangeStore(database)
  const transfers = new Transfers(database, products, memory, stopping.signal)
  const feed = new ChangeFeed(changes, () => catalog.state())
  const retention = new Retention(changes, new ExpiryStore(database), config.changeRetention, log)
  const synchronizer = new Synchronizer({
    source,
    sources,
    currency: config.currency,
    products: sourceProducts,
    state: sourceState,
    log,
    interval: config.syncInterval,
    maxLoss: config.syncMaxLoss,
    grace: config.syncGrace
  })

  const sales = new SaleSchedule(new SaleStore(database, products), log)

  let preloading: Promise<void> | undefined

  return {
    accounts,
    catalog,
    categoryEditor,
    changes,
    editor,
    feed,
    keys,
    products,
    stateCache,
    synchronizer,
    tokens,
    transfers,

    /**
     * Migrates the database and builds the index. Afterwards, the service can handle requests.
     * @param announce Shows the generated password of the first account to the operator.
     * @throws {FirstAccountError}
     */
    async start(announce: ShowPassword): Promise<void> {
      await migrate(database)
      const epoch = await instance.detectRestore(generateKey)
      if (epoch !== undefined) log.warn({ epoch }, RESTORED)
      for (const shared of await rebuildStoredForms(database)) log.warn(shared, 'several products have the same SKU')
      await keys.load()
      await accounts.ensureFirstAccount(config.adminUsername, config.adminPassword, config.production, announce)
      await prepareCatalog({
        hasSource: source !== undefined,
        sample: config.sampleCatalog,
        products: sourceProducts,
        state: sourceState,
        log
      })
      if (!source && config.currency !== undefined) await setCurrency(database, products, config.currency)
      await sales.run()
      await catalog.buildIndex()
    },

    /** Starts the background tasks. */
    begin(): void {
      synchronizer.start()
      retention.start()
      sales.start()
      preloading = memory.preload(stopping.signal).catch((error) => log.error(error, 'preloading products failed'))
    },

    async stop(): Promise<void> {
      stopping.abort()
      await synchronizer.stop()
      await retention.stop()
      await sales.stop()
      await preloading
      await database.close()
    }
  }
}
