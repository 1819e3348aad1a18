/*
 * A flood of sign-ins that all fail: node flood.js URL RATE, so many a second, each by another name, and by so many addresses of
 * this machine that the limit of each is not reached. On standard output, once it ends: how they were answered. Linux only, where
 * all of 127.0.0.0/8 is this machine.
 */
import { Agent, request } from 'node:http'

const [url = '', rate = '100'] = process.argv.slice(2)
const ADDRESSES = 20_000
const answers: Record<string, number> = {}
/** A connection for each of them, as each has another address. */
const agent = new Agent({ keepAlive: false })
let sent = 0
console.log(url)

const begin = performance.now()
const timer = setInterval(() => {
  const due = ((performance.now() - begin) / 1000) * Number(rate)
  while (sent < due) send(sent++)
}, 5)

process.once('SIGTERM', () => {
  clearInterval(timer)
  console.log(JSON.stringify(answers))
  process.exit()
})

function send(n: number): void {
  const at = n % ADDRESSES
  const localAddress = `127.${1 + Math.floor(at / 250 / 250)}.${Math.floor(at / 250) % 250}.${1 + (at % 250)}`
  const count = (answer: unknown) => {
    answers[String(answer)] = (answers[String(answer)] ?? 0) + 1
  }
  const asking = request(`${url}/auth`, {
    method: 'POST',
    localAddress,
    agent,
    headers: { 'content-type': 'application/json' }
  })
  asking.on('response', (answer) => answer.resume().on('end', () => count(answer.statusCode)))
  asking.on('error', (error: NodeJS.ErrnoException) => count(error.code))
  asking.end(JSON.stringify({ username: `nobody-${process.pid}-${n}`, password: 'a password that is wrong' }))
}
