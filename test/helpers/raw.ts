import { connect } from 'node:net'

/** Sends raw bytes. Returns everything that the server sends until it closes the connection. */
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
 * Sends raw bytes. Returns the status of each response, and skips the bodies. Waits until the server closes the connection or
 * sends nothing for a while.
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
    // The server may respond and close the connection before it has read everything.
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
    if (end < 0 || status === undefined) throw new Error(`not a response: ${text.slice(at, at + 200)}`)
    yield Number(status)
    at = end + 4 + Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
    // Responses that Node.js sends itself have neither a length nor a body.
    if (text.startsWith(NO_CHUNKS, at)) at += NO_CHUNKS.length
  }
}
