import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { SourceFollower } from '../../src/sync/source-follower.js'
import { SourceSession } from '../../src/sync/source-session.js'
import { openSourceStream } from '../../src/sync/source-stream.js'

/** Follows a server whose connections respond in turn. The last response repeats. */
async function follow(t: Test, ...answers: RequestListener[]) {
  let connections = 0
  const server = createServer((request, response) => {
    ;(answers[Math.min(connections++, answers.length - 1)] as RequestListener)(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/changes`
  const session = new SourceSession(undefined, { url, currency: 'USD' }, undefined)
  const positions: (string | undefined)[] = []
  const first: (string | undefined)[] = []
  const lines: string[] = []
  const waiting = new Set<() => void>()
  const follower = new SourceFollower({
    open: (signal) => openSourceStream({ url, silenceMs: 500 }, session, signal),
    onPosition(position, isFirst) {
      positions.push(position)
      if (isFirst) first.push(position)
      for (const check of waiting) check()
    },
    log: { info: (text: string) => lines.push(text), warn: (_: object, text: string) => lines.push(text) } as never
  })
  follower.start()
  t.teardown(async () => {
    await follower.stop()
    server.closeAllConnections()
    server.close()
  })
  const received = (count: number) =>
    new Promise<void>((resolve) => {
      const check = () => positions.length >= count && resolve()
      waiting.add(check)
      check()
    })
  return { positions, first, lines, received, follower }
}

const stream =
  (text: string, isEnd = true): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(text)
    if (isEnd) response.end()
  }
const status =
  (code: number): RequestListener =>
  (_request, response) =>
    response.writeHead(code).end()

t.test('each event has its position, also without data and with any line end', async (t) => {
  const text = 'retry: 1000\nid: e.1\n\n:\n\nid: e.2\r\nevent: change\r\ndata: {}\r\n\r\nid:e.3\r\r'
  const { positions, first, received } = await follow(t, stream(text, false))
  await received(3)
  t.strictSame(positions, ['e.1', 'e.2', 'e.3'])
  t.strictSame(first, ['e.1'])
})

t.test('a stream that ends, breaks, stalls or has an endless line is opened again', async (t) => {
  const cut: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: e.2\n', () => response.destroy())
  }
  const { positions, first, received, lines } = await follow(
    t,
    stream('id: e.1\n'),
    cut,
    stream('id: e.3\n', false),
    stream(`id: e.4\n${'x'.repeat(1_100_000)}`, false),
    stream('id: e.5\n', false)
  )
  await received(5)
  t.strictSame(positions, ['e.1', 'e.2', 'e.3', 'e.4', 'e.5'])
  t.strictSame(first, positions)
  t.strictSame(lines, [])
})

t.test('a source that no longer has the position says so, and one that fails twice is logged once', async (t) => {
  const { positions, received, lines } = await follow(
    t,
    status(410),
    status(429),
    status(503),
    stream('id: e.9\n', false)
  )
  await received(2)
  t.strictSame(positions, [undefined, 'e.9'])
  t.match(lines, [/cannot be followed/, /followed again/])
})

t.test('the next stream is opened when the source says', async (t) => {
  const times: number[] = []
  const timed =
    (respond: RequestListener): RequestListener =>
    (...exchange) => {
      times.push(performance.now())
      respond(...exchange)
    }
  const limited: RequestListener = (_request, response) => response.writeHead(429, { 'retry-after': '2' }).end()
  const { received } = await follow(t, timed(limited), timed(stream('id: e.1\n', false)))
  await received(1)
  const [first, second] = times as [number, number]
  // Without the header, the pause is at most one second.
  t.ok(second - first > 1900, `${second - first} ms`)
})

t.test('a response that is no stream is a failure', async (t) => {
  const page: RequestListener = (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('id: 1\n')
  const { positions, received } = await follow(t, page, stream('id: e.1\n', false))
  await received(1)
  t.strictSame(positions, ['e.1'])
})

t.test('a stop ends an open stream', async (t) => {
  const { follower, received } = await follow(t, stream('id: e.1\n', false))
  await received(1)
  await follower.stop()
  t.pass()
})
