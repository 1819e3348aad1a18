import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { CLIENTS, run } from './client.js'
import { OUT } from './report.js'

const ENVIRONMENT = `${OUT}/python-environment`
const REQUIREMENTS = `${CLIENTS}/python/requirements.txt`

let preparing: Promise<unknown> | undefined

/** Creates a virtual environment with the packages of the requirements. @returns Path of its interpreter. */
export async function python(): Promise<string> {
  preparing ??= prepare()
  await preparing
  return `${ENVIRONMENT}/bin/python`
}

async function prepare(): Promise<void> {
  const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex')
  const stamp = `${ENVIRONMENT}/requirements.sha256`
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    rmSync(ENVIRONMENT, { recursive: true, force: true })
    await run('python3', ['-m', 'venv', ENVIRONMENT])
    const options = ['--quiet', '--no-deps', '--disable-pip-version-check', '--no-compile']
    await run(`${ENVIRONMENT}/bin/pip`, ['install', ...options, '-r', REQUIREMENTS])
    writeFileSync(stamp, wanted)
  }
}

/** Returns the version of a package in the requirements. */
export const versionOfPackage = (name: string): string =>
  readFileSync(REQUIREMENTS, 'utf8').match(new RegExp(`^${name}==(.*)$`, 'm'))?.[1] as string
