/*
 * Clients that ask for a lot and read nothing: what they cost the service is bounded, and those who do read feel nothing of them.
 */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { ADMIN } from '../helpers/app.js'
import { createFolder } from '../helpers/folder.js'
import { command, TestProcess } from '../helpers/process.js'
import { sourceProduct } from '../helpers/products.js'
import { TestSource } from '../helpers/source.js'

const READERS = 200
/** Requests that each of them sends in one piece. */
const REQUESTS = 40
/** Megabytes that each of them may cost: its connection, what it has asked for, and one answer of 0.2. */
const SHARE = 0.6

t.test('those who ask and never read cost bounded memory, and nobody else waits for them', async (t) => {
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
    // So that what is kept for others does not count.
    CACHE_SIZE: '1'
  })
  const url = (await service.printed(/Server listening at (http:[^"]+)/))[1] as string
  const headers = { 'content-type': 'application/json' }
  const signedIn = await fetch(`${url}/auth`, { method: 'POST', headers, body: JSON.stringify(ADMIN) })
  const { token } = (await signedIn.json()) as { token: string }
  const authorization = `Bearer ${token}`
  const read = async (query: string) => {
    const before = performance.now()
    const answer = await fetch(`${url}/products?${query}`, { headers: { authorization } })
    t.equal(answer.status, 200)
    await answer.text()
    return performance.now() - before
  }
  await service.printed(/catalog changed/)
  for (let i = 0; i < 200; i++) await read(`limit=100&minPrice=0.${i}`)
  const before = memory(service)

  const sockets = await Promise.all(
    Array.from({ length: READERS }, async (_, reader) => {
      // No two alike, so that no two answers are the same bytes.
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
  // Until all that can be sent has been.
  let most = before
  for (let last = 0; memory(service) !== last; ) {
    last = memory(service)
    await sleep(500)
    most = Math.max(most, memory(service))
  }
  const times: number[] = []
  for (let i = 0; i < 100; i++) times.push(await read(`limit=100&minPrice=1.${i}`))
  const cost = most - before
  const usual = times.sort((a, b) => a - b)[50] as number

  t.comment(`${READERS} of them cost ${cost.toFixed()} MB; others wait ${usual.toFixed()} ms`)
  t.ok(cost < READERS * SHARE, `${cost.toFixed()} MB`)
  t.ok(usual < 1000, `${usual.toFixed()} ms`)
})

function send(url: string, bytes: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes, () => resolve(socket)))
    socket.on('error', reject)
    // Not a byte of what comes back is read.
    socket.pause()
  })
}

/** Resident memory, in megabytes. */
const memory = ({ child }: TestProcess) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1000
