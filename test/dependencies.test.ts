/* The packages in the lock file and the actions in the workflows. */
import { readdir, readFile } from 'node:fs/promises'
import t from 'tap'

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

t.test('every action in a workflow is pinned by commit', async (t) => {
  const folder = '.github/workflows'
  for (const file of await readdir(folder)) {
    const actions = [...(await readFile(`${folder}/${file}`, 'utf8')).matchAll(/^\s*-? *uses: *(.*)$/gm)]
    t.ok(actions.length > 0, file)
    for (const [, action] of actions) t.match(action, /^actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, file)
  }
})
