/*
 * Sends RATE failing sign-ins per second: node flood.js URL RATE. Each uses another username. They come from so many local addresses
 * that none reaches the limit per address. On SIGTERM, prints the number of responses by status. Linux only, where all of
 * 127.0.0.0/8 is local.
 */
import { Agent, request } from 'node:http'

const [url = '', rate = '100'] = process.argv.slice(2)
const ADDRESSES = 20_000
/** Number of sign-ins by status code, or by error code if the connection failed. */
const outcomes: Record<string, number> = {}
// Sign-ins cannot share connections, because their addresses differ.
const agent = new Agent({ keepAlive: false })
let sent = 0
console.log(url)

const start = performance.now()
const timer = setInterval(() => {
  const due = ((performance.now() - start) / 1000) * Number(rate)
  while (sent < due) send(sent++)
}, 5)

process.once('SIGTERM', () => {
  clearInterval(timer)
  console.log(JSON.stringify(outcomes))
  process.exit()
})

function send(n: number): void {
  const address = n % ADDRESSES
  const localAddress = `127.${1 + Math.floor(address / 250 / 250)}.${Math.floor(address / 250) % 250}.${1 + (address % 250)}`
  const count = (outcome: unknown) => {
    outcomes[String(outcome)] = (outcomes[String(outcome)] ?? 0) + 1
  }
  const signIn = request(`${url}/auth`, {
    method: 'POST',
    localAddress,
    agent,
    headers: { 'content-type': 'application/json' }
  })
  signIn.on('response', (response) => response.resume().on('end', () => count(response.statusCode)))
  signIn.on('error', (error: NodeJS.ErrnoException) => count(error.code))
  signIn.end(JSON.stringify({ username: `nobody-${process.pid}-${n}`, password: 'a password that is wrong' }))
}
