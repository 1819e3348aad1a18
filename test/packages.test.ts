import { readFile } from 'node:fs/promises'
import t from 'tap'

interface Package {
  dev?: boolean
  optional?: boolean
  hasInstallScript?: boolean
}

t.test(
  'what the service runs with is less than 140 packages, and none of them runs anything when it is installed',
  async (t) => {
    const lock = JSON.parse(await readFile('package-lock.json', 'utf8'))
    const packages = Object.entries<Package>(lock.packages).filter(([path, { dev }]) => path !== '' && !dev)
    t.strictSame(
      packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
      []
    )
    // The optional ones are binaries, of which each platform gets its own.
    const needed = packages.filter(([, { optional }]) => !optional)
    t.ok(needed.length > 50 && needed.length < 140, `${needed.length} packages`)
  }
)
