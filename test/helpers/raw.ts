import { connect } from 'node:net'

/** Sends bytes as they are, and answers with all that comes back until the other side closes. */
export function sendRaw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('end', () => {
      socket.destroy()
      resolve(answer)
    })
    socket.on('error', reject)
  })
}

/**
 * Sends bytes as they are, and gives the status of each answer that comes back, the body of one being passed over. It waits
 * until the other side closes, or says nothing for a while.
 */
export function exchange(url: string, bytes: string | Buffer, quiet = 10_000): Promise<Exchange> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.setTimeout(quiet)
    const end = (isClosed: boolean) => {
      socket.destroy()
      const text = Buffer.concat(chunks).toString('latin1')
      resolve({ text, statuses: [...readStatuses(text)], isClosed })
    }
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('timeout', () => end(false))
    // It may have been closed, with an answer, while we were still sending.
    socket.on('error', () => {})
    socket.on('close', () => end(true))
  })
}

export interface Exchange {
  text: string
  statuses: number[]
  isClosed: boolean
}

const NO_CHUNKS = '0\r\n\r\n'

function* readStatuses(text: string): Generator<number> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\r\n\r\n', at)
    const head = text.slice(at, end)
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]
    if (end < 0 || status === undefined) throw new Error(`no answer: ${text.slice(at, at + 200)}`)
    yield Number(status)
    at = end + 4 + Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
    // What Node.js answers by itself has no length, and no body either.
    if (text.startsWith(NO_CHUNKS, at)) at += NO_CHUNKS.length
  }
}
