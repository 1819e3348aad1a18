import { setTimeout as sleep } from 'node:timers/promises'
import { type Server, waitUntilFresh } from './processes.js'

/** Returns the number of requests that a source has received since the last call. */
export async function takeRequestCount({ url }: Server): Promise<number> {
  return Number(await (await fetch(`${url}/requests`)).text())
}

/**
 * Waits until the first sync of a process has ended. A service whose database has a catalog is fresh before that, but reads the
 * whole source nevertheless.
 */
export async function waitForFirstSync(service: Server, source: Server): Promise<void> {
  await waitUntilFresh(service)
  await takeRequestCount(source)
  while ((await takeRequestCount(source)) > 0) await sleep(500)
}
