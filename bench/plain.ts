/*
 * The baseline: a plain node:http server that sends the same bytes and headers as another server: node plain.js HEADERS URL...
 * Requests each URL once with HEADERS (JSON), prints its own address, and then answers requests with the recorded responses in turn.
 */
import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

interface RecordedResponse {
  status: number
  /** Names and values in turn. */
  headers: string[]
  body: Buffer
}

const [headers = '{}', ...urls] = process.argv.slice(2)

const responses: RecordedResponse[] = []
for (const url of urls) responses.push(await record(url))
let next = 0
const server = createServer((_request, response) => {
  const { status, headers, body } = responses[next] as RecordedResponse
  next = (next + 1) % responses.length
  response.writeHead(status, headers)
  response.end(body)
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))

async function record(url: string): Promise<RecordedResponse> {
  const [response] = (await once(get(url, { headers: JSON.parse(headers) }), 'response')) as [IncomingMessage]
  // Node adds the header `date` itself.
  const isNotDate = (_: string, i: number, all: string[]) => all[i - (i % 2)]?.toLowerCase() !== 'date'
  return {
    status: response.statusCode as number,
    headers: response.rawHeaders.filter(isNotDate),
    body: await buffer(response)
  }
}
