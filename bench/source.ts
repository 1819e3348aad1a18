/* A product source with NUMBER products: node source.js NUMBER. Prints its address. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeSample } from '../tools/sample/make-sample.js'

const total = Number(process.argv[2])
const sample = makeSample() as { title: string; price: number }[]
let requests = 0

/** Returns a product of the sample with its own id, title and price. */
function createProduct(index: number): object {
  const original = sample[index % sample.length] as { title: string; price: number }
  const price = Math.round((original.price + (index % 97)) * 100) / 100
  return { ...original, id: index + 1, sku: `S-${index + 1}`, title: `${original.title} ${index + 1}`, price }
}

const server = createServer((request, response) => {
  const url = new URL(request.url as string, 'http://source')
  // Returns the number of requests since the last call.
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
  const products = Array.from({ length: Math.max(0, limit) }, (_, i) => createProduct(skip + i))
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ products, total, skip, limit }))
})

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
