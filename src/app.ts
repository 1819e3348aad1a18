import type { FastifyInstance } from 'fastify'
import type { ShowPassword } from './auth/accounts.js'
import type { Config } from './config.js'
import { createFastify } from './http/fastify.js'
import {
  handleAdmins,
  handleEditors,
  handleEveryRequest,
  handleFollowers,
  handleReaders,
  handleSignedIn
} from './http/pipeline.js'
import { collectDocument, docs } from './http/plugins/docs.js'
import { signInRoutes, signOutRoutes } from './http/routes/auth.js'
import { categoryEditingRoutes, categoryRoutes } from './http/routes/categories.js'
import { changeRoutes, historyRoutes } from './http/routes/changes.js'
import { editingRoutes } from './http/routes/editing.js'
import { healthRoutes } from './http/routes/health.js'
import { productRoutes } from './http/routes/products.js'
import { rootRoutes } from './http/routes/root.js'
import { syncRoutes } from './http/routes/sync.js'
import { exportRoutes, importRoutes } from './http/routes/transfer.js'
import { createServices, type Services } from './services.js'

declare module 'fastify' {
  interface FastifyInstance {
    services: Services
  }
}

/**
 * Builds the whole service. It opens its database when it becomes ready, starts its background work when it listens, and stops both when
 * it is closed.
 */
export async function buildApp(config: Config, showPassword: ShowPassword): Promise<FastifyInstance> {
  const app = await buildApi(config)
  app.addHook('onReady', () => app.services.start(showPassword))
  // The service handles requests before the first sync, so that clients do not wait for the source.
  app.addHook('onListen', async () => app.services.begin())
  app.addHook('onClose', () => app.services.stop())
  return app
}

/** Builds the HTTP side of the service. Its services are not started: no database is opened and no source is read. */
export async function buildApi(config: Config): Promise<FastifyInstance> {
  const app = createFastify(config)
  const services = createServices(config, app.log)
  app.decorate('services', services)
  const { accounts, catalog, categoryEditor, changes, editor, feed, keys, synchronizer, transfers } = services

  await handleEveryRequest(app, config, services)
  // Collects the routes that are registered after it.
  await app.register(collectDocument)

  await app.register(docs)
  await app.register(rootRoutes, { catalog, synchronizer })
  await app.register(healthRoutes, { catalog })
  await app.register(signInRoutes, { accounts, keys })
  await app.register(async (signedIn) => {
    handleSignedIn(signedIn)
    await signedIn.register(signOutRoutes)
    await signedIn.register(async (readers) => {
      await handleReaders(readers, config, services)
      await readers.register(productRoutes, { catalog })
      await readers.register(categoryRoutes, { catalog })
      await readers.register(exportRoutes, { transfers })
    })
    await signedIn.register(async (followers) => {
      await handleFollowers(followers, config, services)
      await followers.register(changeRoutes, { feed })
    })
    await signedIn.register(async (editors) => {
      handleEditors(editors)
      await editors.register(editingRoutes, { editor })
      await editors.register(categoryEditingRoutes, { categoryEditor })
      await editors.register(historyRoutes, { catalog, changes })
      await editors.register(importRoutes, { transfers })
    })
    await signedIn.register(async (admins) => {
      handleAdmins(admins)
      await admins.register(syncRoutes, { catalog, synchronizer })
    })
  })
  return app
}
