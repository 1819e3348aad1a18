/* A product source of any size, in a process of its own: node source.js NUMBER. It prints its address. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeSample } from '../tools/sample/make-sample.js'

const total = Number(process.argv[2])
const sample = makeSample() as { title: string; price: number }[]
let requests = 0

/** The products of the sample again and again, each with an id, a title and a price of its own. */
function product(index: number): object {
  const from = sample[index % sample.length] as { title: string; price: number }
  const price = Math.round((from.price + (index % 97)) * 100) / 100
  return { ...from, id: index + 1, sku: `S-${index + 1}`, title: `${from.title} ${index + 1}`, price }
}

const server = createServer((request, response) => {
  const url = new URL(request.url as string, 'http://source')
  if (url.pathname === '/requests') {
    response.end(String(requests))
    requests = 0
    return
  }
  requests++
  const skip = Number(url.searchParams.get('skip') ?? 0)
  const limit = Math.min(Number(url.searchParams.get('limit') ?? 30), total - skip)
  const etag = `W/"${skip}-${limit}"`
  response.setHeader('etag', etag)
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end()
    return
  }
  const products = Array.from({ length: Math.max(0, limit) }, (_, i) => product(skip + i))
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ products, total, skip, limit }))
})

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
