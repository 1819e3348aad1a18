import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { createFolder } from '../../helpers/folder.js'
import { snippets } from './guides.js'
import { freePort } from './ports.js'
import { PASSWORD, startService, USERNAME } from './service.js'

export const proxies = ['nginx', 'caddy'] as const
export type Proxy = (typeof proxies)[number]

/**
 * Starts a proxy as the guide configures it, but for its address and its certificate, and sends requests through it.
 * @returns Why that cannot be done here, if it cannot.
 */
export async function testProxy(t: Test, proxy: Proxy): Promise<string | undefined> {
  const paths = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
  if (spawnSync('which', [proxy, 'openssl'], { env: paths }).status !== 0) return `no ${proxy} here`
  const service = await startService(t, { TRUST_PROXY: '127.0.0.1' })
  const folder = createFolder(t)
  const port = await freePort()
  const command = proxy === 'nginx' ? writeNginx(folder, port, service.url) : writeCaddy(folder, port, service.url)
  const [program, ...args] = command as [string, ...string[]]
  const running = spawn(program, args, { env: { ...paths, HOME: folder, XDG_DATA_HOME: folder }, stdio: 'ignore' })
  const ended = new Promise((resolve) => running.on('close', resolve))
  t.teardown(async () => {
    running.kill()
    await ended
  })
  const url = `https://localhost:${port}`
  const curl = (...more: string[]) =>
    spawnSync('curl', ['-sk', '--max-time', '3', ...more], { encoding: 'utf8', cwd: folder }).stdout
  for (let i = 0; i < 100 && !curl(`${url}/livez`).includes('ok'); i++) await sleep(100)

  const credentials = JSON.stringify({ username: USERNAME, password: PASSWORD })
  const signedIn = curl('-i', `${url}/auth`, '-H', 'Content-Type: application/json', '-d', credentials)
  t.match(signedIn, /^set-cookie: __Host-token=.*; Secure/im, 'the service knows that it is https')
  const bearer = `Authorization: Bearer ${/"token":"([^"]*)"/.exec(signedIn)?.[1]}`
  t.match(curl(`${url}/products?limit=1`, '-H', bearer), /"products":\[\{"id":1,/)
  t.match(curl('-N', `${url}/changes?after=0`, '-H', bearer, '-H', 'Accept: text/event-stream'), /event: change/)
  return undefined
}

/** @returns The command that starts it. */
function writeNginx(folder: string, port: number, service: string): string[] {
  const [configuration] = snippets('how-to/reverse-proxies', 'nginx', '')
  const certificate = ['-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`, '-subj', '/CN=localhost']
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...certificate], {
    stdio: 'ignore'
  })
  const adapted = configuration
    .replace('127.0.0.1:5000', new URL(service).host)
    .replace('listen 443', `listen 127.0.0.1:${port}`)
    .replace('/etc/ssl/catalog.example.pem', `${folder}/cert.pem`)
    .replace('/etc/ssl/catalog.example.key', `${folder}/key.pem`)
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`
  )
  const around = [
    `pid ${folder}/pid; error_log ${folder}/error.log; daemon off; events {}`,
    'access_log off;',
    ...places
  ]
  const [main, ...inHttp] = around
  writeFileSync(`${folder}/nginx.conf`, `${main}\nhttp {\n${inHttp.join('\n')}\n${adapted}}\n`)
  return ['nginx', '-c', `${folder}/nginx.conf`, '-e', `${folder}/error.log`]
}

/** @returns The command that starts it. */
function writeCaddy(folder: string, port: number, service: string): string[] {
  const [configuration] = snippets('how-to/reverse-proxies', 'caddyfile', '')
  const adapted = configuration
    .replace('127.0.0.1:5000', new URL(service).host)
    .replace('catalog.example', `https://localhost:${port}`)
  mkdirSync(`${folder}/caddy`)
  writeFileSync(
    `${folder}/Caddyfile`,
    `{\n  admin off\n  skip_install_trust\n  auto_https disable_redirects\n  storage file_system ${folder}/caddy\n}\n${adapted}`
  )
  return ['caddy', 'run', '--config', `${folder}/Caddyfile`, '--adapter', 'caddyfile']
}
