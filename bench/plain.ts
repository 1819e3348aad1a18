/*
 * What Node itself can do: a plain node:http server that sends the very bytes and headers that another one answers with, in
 * a process of its own: node plain.js URL HEADERS, the latter as JSON. It prints its address.
 */
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'

const [url = '', headers = '{}'] = process.argv.slice(2)

get(url, { headers: JSON.parse(headers) }, async (answer) => {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  // Those that Node sets itself are left to it.
  const own = new Set(['date', 'connection', 'keep-alive'])
  const sent = Object.entries(answer.headers).filter(([name]) => !own.has(name)) as [string, string][]
  const status = answer.statusCode as number
  const server = createServer((_request, response) => {
    response.writeHead(status, Object.fromEntries(sent))
    response.end(body)
  })
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
})
