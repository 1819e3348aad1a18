/*
 * Clients that send many requests and read no response: their cost is bounded, and other clients are not affected.
 */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { ADMIN } from '../helpers/app.js'
import { createFolder } from '../helpers/folder.js'
import { command, TestProcess } from '../helpers/process.js'
import { sourceProduct } from '../helpers/products.js'
import { isDeep } from '../helpers/runs.js'
import { TestSource } from '../helpers/source.js'

const READERS = 200
/** Requests that each client sends at once. */
const REQUESTS = 40
/** Megabytes that each client may cost: its connection, its requests and one response of 0.2 MB. */
const SHARE = 0.6

t.test(
  'clients that never read their responses cost bounded memory and delay no other client',
  { skip: !isDeep },
  async (t) => {
    const description = 'x'.repeat(2000)
    const source = new TestSource(Array.from({ length: 100 }, (_, i) => sourceProduct(i + 1, { description })))
    await source.listen()
    t.teardown(() => source.close())
    const service = new TestProcess(t, command('src/server.js'), {
      PORT: '0',
      DATABASE_URL: `file:${createFolder(t)}/catalog.db`,
      SOURCE_URL: source.url,
      ADMIN_PASSWORD: ADMIN.password,
      RATE_LIMIT: '1000000',
      // Disables the cache, so that only the connections cost memory.
      CACHE_SIZE: '1'
    })
    const url = (await service.printed(/Server listening at (http:[^"]+)/))[1] as string
    const headers = { 'content-type': 'application/json' }
    const signedIn = await fetch(`${url}/auth`, { method: 'POST', headers, body: JSON.stringify(ADMIN) })
    const { token } = (await signedIn.json()) as { token: string }
    const authorization = `Bearer ${token}`
    const read = async (query: string) => {
      const before = performance.now()
      const response = await fetch(`${url}/products?${query}`, { headers: { authorization } })
      t.equal(response.status, 200)
      await response.text()
      return performance.now() - before
    }
    await service.printed(/catalog changed/)
    for (let i = 0; i < 200; i++) await read(`limit=100&minPrice=0.${i}`)
    const before = memory(service)

    const sockets = await Promise.all(
      Array.from({ length: READERS }, async (_, reader) => {
        // No two requests are the same, so that no two responses share their bytes.
        const requests = Array.from(
          { length: REQUESTS },
          (_, i) =>
            `GET /products?limit=100&maxPrice=${10_000 + reader * REQUESTS + i} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`
        )
        return await send(url, requests.join(''))
      })
    )
    t.teardown(() => {
      for (const socket of sockets) socket.destroy()
    })
    // Waits until the service has sent all that the sockets can take.
    let peak = before
    for (let last = 0; memory(service) !== last; ) {
      last = memory(service)
      await sleep(500)
      peak = Math.max(peak, memory(service))
    }
    const times: number[] = []
    for (let i = 0; i < 100; i++) times.push(await read(`limit=100&minPrice=1.${i}`))
    const cost = peak - before
    const median = times.sort((a, b) => a - b)[50] as number

    t.comment(`${READERS} clients cost ${cost.toFixed()} MB; others wait ${median.toFixed()} ms`)
    t.ok(cost < READERS * SHARE, `${cost.toFixed()} MB`)
    t.ok(median < 1000, `${median.toFixed()} ms`)
  }
)

function send(url: string, bytes: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes, () => resolve(socket)))
    socket.on('error', reject)
    // The client never reads a response.
    socket.pause()
  })
}

/** Returns the resident memory in megabytes. */
const memory = ({ child }: TestProcess) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1000
