import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { Agent, fetch } from 'undici'
import { createFolder } from '../../helpers/folder.js'
import { installDebian } from './debian.js'
import { snippets } from './guides.js'
import { freePort } from './ports.js'

const PAGE = 'how-to/reverse-proxies'

/** Where a proxy listens and what it needs. */
interface Site {
  /** Folder of the proxy, with the files `cert.pem` and `key.pem`. */
  folder: string
  port: number
  /** Host and port of the service. */
  service: string
}

/** A program that is a reverse proxy. */
interface ProxyProgram {
  program: string
  packages: string[]
  /** A file of the last package. */
  installed: string
  /** Returns the configuration of the guide for a site, with or without a path prefix. */
  ofGuide: (site: Site, prefix: string) => string
  /** Writes a configuration and all that the system would add to it. Returns the arguments of the program. */
  write: (site: Site, configuration: string) => string[]
}

/** The certificate, the address of the proxy and the address of the service, in place of those of the guide. */
const adapted = (configuration: string, { folder, service }: Site) =>
  configuration
    .replaceAll('127.0.0.1:5000', service)
    .replaceAll('/etc/ssl/catalog.example.pem', `${folder}/cert.pem`)
    .replaceAll('/etc/ssl/catalog.example.key', `${folder}/key.pem`)

const NGINX_BROTLI = '/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so'
const APACHE_MODULES = '/usr/lib/apache2/modules'

export const proxies = {
  nginx: {
    program: '/usr/sbin/nginx',
    packages: ['nginx', 'libnginx-mod-http-brotli-filter'],
    installed: NGINX_BROTLI,
    ofGuide: (site, prefix) => {
      const [configuration] = snippets(PAGE, 'nginx', '', 'nginx')
      const [location] = snippets(PAGE, 'nginx', '', 'Path prefix')
      return adapted(configuration, site)
        .replace('listen 443', `listen 127.0.0.1:${site.port}`)
        .replace(/location \/ \{[^}]*\}/, (ofRoot) => (prefix === '' ? ofRoot : location))
    },
    write: ({ folder }, configuration) => {
      const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${folder}/${name};`
      )
      const main = [
        // Otherwise the workers could not write into the folder.
        ...(process.getuid?.() === 0 ? ['user root;'] : []),
        `load_module ${NGINX_BROTLI};`,
        `pid ${folder}/pid;`,
        'daemon off;',
        'events {}',
        `http { access_log off; ${places.join(' ')}\n${configuration}}`
      ]
      writeFileSync(`${folder}/nginx.conf`, main.join('\n'))
      return ['-c', `${folder}/nginx.conf`, '-e', `${folder}/log`]
    }
  },
  apache: {
    program: '/usr/sbin/apache2',
    packages: ['apache2'],
    installed: '/usr/sbin/apache2',
    ofGuide: (site, prefix) => {
      const [configuration] = snippets(PAGE, 'apache', '', 'Apache')
      const [ofPrefix] = snippets(PAGE, 'apache', '', 'Path prefix')
      return adapted(
        configuration.replace(/^ *ProxyPass .*\n/m, (ofRoot) => (prefix === '' ? ofRoot : ofPrefix)),
        site
      ).replace('*:443', `127.0.0.1:${site.port}`)
    },
    write: ({ folder, port }, configuration) => {
      const modules = [
        'mpm_event',
        'authz_core',
        'ssl',
        'headers',
        'alias',
        'proxy',
        'proxy_http',
        'filter',
        'deflate',
        'brotli'
      ]
      const main = [
        ...modules.map((name) => `LoadModule ${name}_module ${APACHE_MODULES}/mod_${name}.so`),
        `ServerRoot ${folder}`,
        `DefaultRuntimeDir ${folder}`,
        `PidFile ${folder}/pid`,
        `ErrorLog ${folder}/log`,
        'User www-data',
        'Group www-data',
        'ServerName localhost',
        `Listen 127.0.0.1:${port}`,
        configuration
      ]
      writeFileSync(`${folder}/apache2.conf`, `${main.join('\n')}\n`)
      return ['-f', `${folder}/apache2.conf`, '-D', 'FOREGROUND']
    }
  },
  caddy: {
    program: '/usr/bin/caddy',
    packages: ['caddy'],
    installed: '/usr/bin/caddy',
    ofGuide: (site, prefix) =>
      adapted(snippets(PAGE, 'caddyfile', '', prefix === '' ? 'Caddy' : 'Path prefix')[0], site).replace(
        'catalog.example',
        `https://localhost:${site.port}`
      ),
    write: ({ folder }, configuration) => {
      mkdirSync(`${folder}/caddy`)
      writeFileSync(
        `${folder}/Caddyfile`,
        `{\n  admin off\n  skip_install_trust\n  auto_https disable_redirects\n  storage file_system ${folder}/caddy\n}\n${configuration}`
      )
      return ['run', '--config', `${folder}/Caddyfile`, '--adapter', 'caddyfile']
    }
  }
} as const satisfies Record<string, ProxyProgram>
export type ProxyName = keyof typeof proxies

/** Returns whether a proxy is installed. Installs it if possible. */
export const installProxy = (name: ProxyName): boolean =>
  installDebian(proxies[name].installed, ...proxies[name].packages)

/** Accepts the certificate of the tests. */
export const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })

/**
 * Starts a proxy as a process of its own, and stops it when the test ends.
 * @param service URL of the service.
 * @param configure Returns the configuration. Without it, the proxy gets that of the guide, over https.
 * @returns URL of the service behind the proxy.
 */
export async function startProxy(
  t: Test,
  name: ProxyName,
  service: string,
  prefix: string,
  configure?: (site: Site) => string
): Promise<string> {
  const { program, ofGuide, write } = proxies[name]
  const site = { folder: createFolder(t), port: await freePort(), service: new URL(service).host }
  const files = ['-keyout', `${site.folder}/key.pem`, '-out', `${site.folder}/cert.pem`]
  const certificate = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost']
  execFileSync('openssl', ['req', ...certificate, ...files], { stdio: 'ignore' })
  const args = write(site, configure ? configure(site) : ofGuide(site, prefix))
  const env = { ...process.env, HOME: site.folder, XDG_DATA_HOME: site.folder, XDG_CONFIG_HOME: site.folder }
  const running = spawn(program, args, { env, stdio: 'ignore' })
  const ended = new Promise((resolve) => running.on('close', resolve))
  t.teardown(async () => {
    running.kill()
    await ended
  })
  const url = `${configure ? 'http' : 'https'}://localhost:${site.port}${prefix}`
  const isReady = () =>
    fetch(`${url}/livez`, { dispatcher }).then(
      ({ ok }) => ok,
      () => false
    )
  while (!(await isReady())) {
    if (running.exitCode !== null) {
      const log = `${site.folder}/log`
      throw new Error(`${name} has ended: ${existsSync(log) ? readFileSync(log, 'utf8') : 'without a log'}`)
    }
    await sleep(20)
  }
  return url
}
