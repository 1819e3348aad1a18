/*
 * The yardstick: a plain node:http server that sends the same bytes and headers as another server. It runs in a process of its
 * own: node plain.js HEADERS URL... It requests each URL once, with HEADERS (JSON). Then it prints its address and sends the
 * recorded responses in turn, whatever is requested.
 */
import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

interface Recorded {
  status: number
  /** Names and values in turn, as they were sent. */
  headers: string[]
  body: Buffer
}

const [headers = '{}', ...urls] = process.argv.slice(2)

const responses: Recorded[] = []
for (const url of urls) responses.push(await record(url))
let next = 0
const server = createServer((_request, response) => {
  const { status, headers, body } = responses[next] as Recorded
  next = (next + 1) % responses.length
  response.writeHead(status, headers)
  response.end(body)
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))

async function record(url: string): Promise<Recorded> {
  const [response] = (await once(get(url, { headers: JSON.parse(headers) }), 'response')) as [IncomingMessage]
  // Node sets the date itself, here as in the other server.
  const isSent = (_: string, i: number, all: string[]) => all[i - (i % 2)]?.toLowerCase() !== 'date'
  return {
    status: response.statusCode as number,
    headers: response.rawHeaders.filter(isSent),
    body: await buffer(response)
  }
}
