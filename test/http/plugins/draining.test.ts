/*
 * The service stops under load: every accepted request gets a response.
 */
import { statSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { ADMIN } from '../../helpers/app.js'
import { createFolder } from '../../helpers/folder.js'
import { command, TestProcess } from '../../helpers/process.js'
import { sendRaw } from '../../helpers/raw.js'

const CLIENTS = 32

async function start(t: Test) {
  const file = `${createFolder(t)}/catalog.db`
  const service = new TestProcess(t, command('src/server.js'), {
    PORT: '0',
    DATABASE_URL: `file:${file}`,
    SOURCE_URL: 'http://127.0.0.1:1',
    ADMIN_PASSWORD: ADMIN.password,
    RATE_LIMIT: '1000000'
  })
  const url = (await service.printed(/Server listening at (http:[^"]+)/))[1] as string
  const headers = { 'content-type': 'application/json' }
  const signedIn = await fetch(`${url}/auth`, { method: 'POST', headers, body: JSON.stringify(ADMIN) })
  const { token } = (await signedIn.json()) as { token: string }
  return { service, url, file, authorization: `Bearer ${token}` }
}

/** Returns the milliseconds between the log lines "stopping" and "stopped". */
function stoppingTime(service: TestProcess): number {
  const times = ['stopping', 'stopped'].map(
    (message) =>
      /"time":(\d+)/.exec(service.stdout.split('\n').find((line) => line.includes(`"${message}"`)) ?? '')?.[1]
  )
  return Number(times[1]) - Number(times[0])
}

t.test('on SIGTERM, the service first reports not ready, then closes each connection after a response', async (t) => {
  const { service, url, file, authorization } = await start(t)
  // Simulates a load balancer, which polls and sends no more clients once the service is not ready.
  let isReady = true
  const polls: { status: number | undefined; body: string }[] = []
  const watching = (async () => {
    while (isReady) {
      const response = await get(`${url}/readyz`, { agent: new Agent() })
      polls.push(response)
      isReady = response.status === 200
      await sleep(200)
    }
  })()
  const failures: unknown[] = []
  const counts = { before: 0, after: 0, closed: 0 }
  let isSignaled = false
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let i = 0; ; i++) {
      const path = i % 2 === 0 ? '/products' : `/products?minPrice=${client}.${i % 100}`
      try {
        const { status, isLast } = await get(url + path, { agent, headers: { authorization } })
        if (status !== 200) failures.push(status)
        counts[isSignaled ? 'after' : 'before']++
        if (isLast) counts.closed++
        if (isLast && !isReady) return
      } catch (error) {
        failures.push(error)
        return
      }
    }
  })
  const events = fetch(`${url}/changes?after=0`, { headers: { authorization, accept: 'text/event-stream' } }).then(
    (response) => response.text()
  )
  const body = JSON.stringify(ADMIN)
  let markStarted = (): void => {}
  const started = new Promise<void>((resolve) => {
    markStarted = resolve
  })
  const slowSignIn = new Promise<string>((resolve, reject) => {
    const head = `POST /auth HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
    let response = ''
    const socket = connect(Number(new URL(url).port), '127.0.0.1', async () => {
      socket.write(head + body.slice(0, 10), markStarted)
      while (isReady) await sleep(100)
      await sleep(2500)
      socket.write(body.slice(10))
    })
    socket.on('data', (chunk) => {
      response += chunk
    })
    socket.on('end', () => resolve(response)).on('error', reject)
  })
  await started
  while (counts.before <= CLIENTS || polls.length === 0) await sleep(10)

  isSignaled = true
  service.child.kill('SIGTERM')
  const { code, signal, stdout } = await service.finished
  await Promise.all([watching, ...clients])

  t.strictSame(failures, [])
  t.ok(
    counts.before > CLIENTS && counts.after > CLIENTS,
    `${counts.before} requests before the signal, ${counts.after} after it`
  )
  t.ok(counts.closed >= CLIENTS, 'each connection closed after a response')
  const last = polls.at(-1)
  t.equal(last?.status, 503)
  t.match(JSON.parse(last?.body as string), {
    type: 'urn:problem-type:product-catalog:not-ready',
    checks: [{ name: 'service', status: 'failed', detail: 'The service is shutting down.' }]
  })
  t.match(await slowSignIn, /^HTTP\/1\.1 200 OK.*\r\nconnection: close\r\n.*"token":/is, 'the started request')
  t.match(await events, /^retry:/, 'streams end')
  t.strictSame({ code, signal }, { code: 0, signal: null })
  t.ok(stoppingTime(service) < 10_000)
  t.notMatch(stdout, /"level":50/)
  t.equal(statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0, 0, 'the database is closed')
})

t.test('on SIGINT, the service stops without draining', async (t) => {
  const { service } = await start(t)

  service.child.kill('SIGINT')

  t.match(await service.finished, { code: 0, signal: null })
  t.ok(stoppingTime(service) < 2000)
})

t.test('a second signal ends the service at once', async (t) => {
  const { service } = await start(t)

  service.child.kill('SIGTERM')
  await service.printed(/"stopping"/)
  service.child.kill('SIGTERM')

  const { code, signal, stdout } = await service.finished
  t.strictSame({ code, signal }, { code: 1, signal: null })
  t.notMatch(stdout, /"stopped"/)
})

t.test('the service cuts off an endless request and still stops in time', async (t) => {
  const { service, url } = await start(t)
  const half = sendRaw(url, 'POST /auth HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{').catch(() => 'cut off')
  const silent = sendRaw(url, '').catch(() => 'cut off')
  await sleep(100)

  service.child.kill('SIGINT')

  t.match(await service.finished, { code: 0, signal: null })
  t.ok(stoppingTime(service) < 10_000)
  await Promise.all([half, silent])
})

interface Reply {
  status: number | undefined
  body: string
  /** Whether the response announces the end of its connection. */
  isLast: boolean
}

function get(url: string, options: { agent: Agent; headers?: Record<string, string> }): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const clientRequest = request(url, options, async (response: IncomingMessage) => {
      let body = ''
      try {
        for await (const chunk of response) body += chunk
        resolve({ status: response.statusCode, body, isLast: response.headers.connection === 'close' })
      } catch (error) {
        reject(error)
      }
    })
    clientRequest.on('error', reject)
    clientRequest.end()
  })
}
