import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { createFolder } from '../../helpers/folder.js'
import { PostgresServer } from '../../helpers/postgres-server.js'
import { freePort } from './ports.js'

/** Where Debian installs PostgreSQL. */
const DEBIAN = '/usr/lib/postgresql'

export interface PostgresAddress {
  port: number
  /** Of the user `postgres`. */
  password: string
  /** Whether `pg_dump` and `pg_restore` are of the version of the server. */
  canDump: boolean
}

/**
 * Starts a PostgreSQL server that ends with the test: that of the system, which has `pg_dump`, or else the one from npm, which does not.
 */
export async function startPostgres(t: Test): Promise<PostgresAddress> {
  const [version] = existsSync(DEBIAN) && process.getuid?.() === 0 ? readdirSync(DEBIAN).sort().reverse() : []
  const bin = `${DEBIAN}/${version}/bin`
  if (version === undefined || !existsSync(`${bin}/initdb`) || !existsSync('/usr/bin/pg_dump')) {
    return { port: (await PostgresServer.start(t)).port, password: 'password', canDump: false }
  }
  const folder = createFolder(t)
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' })))
  const user = { uid: uid as number, gid: gid as number, cwd: folder }
  writeFileSync(`${folder}/password`, 'password')
  for (const path of [folder, `${folder}/password`]) chownSync(path, user.uid, user.gid)
  const initial = ['--encoding=UTF8', '--locale=C.UTF-8', '--auth=scram-sha-256', `--pwfile=${folder}/password`]
  execFileSync(`${bin}/initdb`, ['-D', `${folder}/data`, ...initial], { ...user, stdio: 'ignore' })
  const port = await freePort()
  const settings = ['-p', String(port), '-k', folder, '-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1']
  const server = spawn(`${bin}/postgres`, ['-D', `${folder}/data`, ...settings], { ...user, stdio: 'ignore' })
  t.teardown(async () => {
    const ended = new Promise((resolve) => server.on('close', resolve))
    server.kill('SIGINT')
    await ended
  })
  const isReady = () => {
    try {
      execFileSync(`${bin}/pg_isready`, ['-q', '-h', '127.0.0.1', '-p', String(port)])
      return true
    } catch {
      return false
    }
  }
  while (!isReady()) await sleep(50)
  return { port, password: 'password', canDump: true }
}
