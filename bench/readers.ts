/*
 * Readers who go on reading until they are told to stop: node readers.js URL TOKEN READERS PRODUCTS. On standard input, a line
 * starts a measurement and the next line ends it; then a line of JSON tells the statuses and the times, in milliseconds, of what
 * was read in between. They have a process of their own, so that nothing but the service can make them slow.
 */
import { Agent, get } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const [url = '', token = '', readers = '4', products = '100000'] = process.argv.slice(2)
/** Requests that are measured at least, so that there is a 99th percentile. */
const SAMPLES = 400
const agent = new Agent({ keepAlive: true })

let isOver = true
let times: number[] = []
let statuses = new Set<number>()

async function read(reader: number): Promise<void> {
  for (let i = 0; !isOver || times.length < SAMPLES; i++) {
    const path = `/products?limit=30&offset=${((reader * 7919 + i * 31) * 30) % Number(products)}`
    const before = performance.now()
    statuses.add(await status(path))
    times.push(performance.now() - before)
    await sleep(5)
  }
}

const status = (path: string) =>
  new Promise<number>((resolve, reject) => {
    get(url + path, { agent, headers: { authorization: `Bearer ${token}` } }, (response) =>
      response.resume().on('end', () => resolve(response.statusCode as number))
    ).on('error', reject)
  })

let reading: Promise<unknown> = Promise.resolve()
for await (const _ of createInterface({ input: process.stdin })) {
  if (isOver) {
    isOver = false
    times = []
    statuses = new Set()
    reading = Promise.all(Array.from({ length: Number(readers) }, (_, i) => read(i)))
  } else {
    isOver = true
    await reading
    console.log(JSON.stringify({ statuses: [...statuses], times: times.map((time) => Math.round(time * 10) / 10) }))
  }
}
