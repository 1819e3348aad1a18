/*
 * Reads pages of the catalog concurrently: node readers.js URL TOKEN READERS PRODUCTS. A line on standard input starts a measurement,
 * and the next line ends it. Then the program prints the statuses and times (in milliseconds) of the responses as a line of JSON. It
 * runs in its own process, so that only the service can slow it down.
 */
import { Agent, get } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const [url = '', token = '', readers = '4', products = '100000'] = process.argv.slice(2)
/** Minimum number of requests of a measurement, for a meaningful 99th percentile. */
const MIN_REQUESTS = 400
const agent = new Agent({ keepAlive: true })

let isMeasuring = false
let times: number[] = []
let statuses = new Set<number>()

async function read(reader: number): Promise<void> {
  for (let i = 0; isMeasuring || times.length < MIN_REQUESTS; i++) {
    const path = `/products?limit=30&offset=${((reader * 7919 + i * 31) * 30) % Number(products)}`
    const before = performance.now()
    statuses.add(await getStatus(path))
    times.push(performance.now() - before)
    await sleep(5)
  }
}

const getStatus = (path: string) =>
  new Promise<number>((resolve, reject) => {
    get(url + path, { agent, headers: { authorization: `Bearer ${token}` } }, (response) =>
      response.resume().on('end', () => resolve(response.statusCode as number))
    ).on('error', reject)
  })

let reading: Promise<unknown> = Promise.resolve()
for await (const _ of createInterface({ input: process.stdin })) {
  if (!isMeasuring) {
    isMeasuring = true
    times = []
    statuses = new Set()
    reading = Promise.all(Array.from({ length: Number(readers) }, (_, i) => read(i)))
  } else {
    isMeasuring = false
    await reading
    console.log(JSON.stringify({ statuses: [...statuses], times: times.map((time) => Math.round(time * 10) / 10) }))
  }
}
