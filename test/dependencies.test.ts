/* The lock file, the workflows and the Dockerfile: everything that decides which foreign code is installed and on what it runs. */
import { readdir, readFile } from 'node:fs/promises'
import t from 'tap'
import { parse } from 'yaml'

interface Locked {
  version?: string
  integrity?: string
  dev?: boolean
  hasInstallScript?: boolean
  /** Whether the entry is a link to a folder of this repository. */
  link?: boolean
}

const read = async (name: string) => JSON.parse(await readFile(name, 'utf8'))
const lock = await read('package-lock.json')
const { '': root, ...locked } = lock.packages as Record<string, Locked>
const packages = Object.entries(locked)

t.test('no production package has an install script', async (t) => {
  const production = packages.filter(([, { dev }]) => !dev)
  const { dependencies } = await read('package.json')
  for (const name of Object.keys(dependencies)) {
    t.ok(
      production.some(([path]) => path === `node_modules/${name}`),
      `${name} is checked`
    )
  }
  t.strictSame(
    production.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
    []
  )
})

t.test('every package with an install script is listed in allowScripts of package.json', async (t) => {
  const { allowScripts } = await read('package.json')
  const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript)
  t.ok(scripted.length > 0)
  t.strictSame(
    scripted.filter(([path]) => !(path.slice('node_modules/'.length) in allowScripts)),
    []
  )
})

t.test('every package is pinned by version and content hash', async (t) => {
  t.equal(lock.lockfileVersion, 3)
  t.ok(root)
  t.ok(packages.length > 100)
  for (const [path, { version, integrity, link }] of packages) {
    t.notOk(link, path)
    t.match(version, /^\d+\.\d+\.\d+/, path)
    t.match(integrity, /^sha512-[A-Za-z0-9+/]{86}==$/, path)
  }
})

interface Workflow {
  permissions: unknown
  concurrency?: unknown
  jobs: Record<string, Job>
}

interface Job {
  permissions?: unknown
  'timeout-minutes'?: number
  'continue-on-error'?: string
  strategy?: { matrix: { node?: number[]; include?: { node?: number; optional?: boolean }[] } }
}

const WORKFLOWS = '.github/workflows'
const workflows = new Map<string, string>()
for (const file of await readdir(WORKFLOWS)) workflows.set(file, await readFile(`${WORKFLOWS}/${file}`, 'utf8'))
const parsed = [...workflows].map(([file, text]) => [file, parse(text) as Workflow] as const)
const dockerfile = await readFile('Dockerfile', 'utf8')

t.test('every action in a workflow is pinned by commit', async (t) => {
  for (const [file, text] of workflows) {
    const actions = [...text.matchAll(/^\s*-? *uses: *(.*)$/gm)]
    t.ok(actions.length > 0, file)
    for (const [, action] of actions) t.match(action, /^actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, file)
  }
})

t.test('workflows may only read, and a newer commit of a pull request cancels them', async (t) => {
  for (const [file, { permissions, concurrency, jobs }] of parsed) {
    t.strictSame(permissions, { contents: 'read' }, file)
    t.match(concurrency, { group: /github\.ref/, 'cancel-in-progress': /pull_request/ }, file)
    for (const [name, job] of Object.entries(jobs)) t.notOk(job.permissions, `${file}: ${name}`)
  }
})

t.test('every job has a time limit', async (t) => {
  for (const [file, { jobs }] of parsed) {
    for (const [name, job] of Object.entries(jobs)) t.ok(Number(job['timeout-minutes']) <= 30, `${file}: ${name}`)
  }
})

t.test('Node.js 22, 24 and 26 must pass the checks, 20 may fail them', async (t) => {
  const { check } = parse(workflows.get('ci.yml') as string).jobs as Record<string, Job>
  t.strictSame(check?.strategy?.matrix, { node: [22, 24, 26], include: [{ node: 20, optional: true }] })
  t.equal(check?.['continue-on-error'], '$' + '{{ matrix.optional == true }}')
})

t.test('Dependabot keeps packages, actions and the base image up to date', async (t) => {
  const { updates } = parse(await readFile('.github/dependabot.yml', 'utf8'))
  t.strictSame(
    updates.map((update: { 'package-ecosystem': string }) => update['package-ecosystem']),
    ['npm', 'github-actions', 'docker']
  )
})

t.test('the only image that the Dockerfile pulls is pinned by its digest', async (t) => {
  const stages = [...dockerfile.matchAll(/^FROM +(\S+)(?: +AS +(\S+))?$/gim)]
  const names = stages.map(([, , name]) => name)
  const pulled = stages.map(([, image]) => image).filter((image) => !names.includes(image))
  t.equal(pulled.length, 1)
  t.match(pulled[0], /^node:24-bookworm-slim@sha256:[0-9a-f]{64}$/)
  t.notMatch(dockerfile, /^# *syntax=/im, 'a syntax line pulls another image')
  const copiedFrom = [...dockerfile.matchAll(/^COPY +--from=(\S+)/gim)].map(([, image]) => image)
  t.strictSame(
    copiedFrom.filter((image) => !names.includes(image)),
    []
  )
})

t.test('a container is healthy as long as the process responds, whatever its source does', async (t) => {
  const [, probe] = /^HEALTHCHECK .*\\\n +CMD (.*)$/m.exec(dockerfile) ?? []
  t.match(probe, '/livez')
  t.notMatch(probe, 'readyz')
})

t.test('the labels of the image say what package.json says', async (t) => {
  const { name, description, version, license } = await read('package.json')
  const labels = Object.fromEntries(
    [...dockerfile.matchAll(/org\.opencontainers\.image\.([a-z.]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])
  )
  t.match(labels, { title: name, description, version, licenses: license })
  t.match(dockerfile, `FROM ${labels['base.name']?.replace('docker.io/library/', '')}@sha256:`)
})
