import { readFile } from 'node:fs/promises'
import t from 'tap'

interface Package {
  dev?: boolean
  optional?: boolean
  hasInstallScript?: boolean
}

t.test(
  'the service has fewer than 140 production packages, and none of these packages has an install script',
  async (t) => {
    const lock = JSON.parse(await readFile('package-lock.json', 'utf8'))
    const packages = Object.entries<Package>(lock.packages).filter(([path, { dev }]) => path !== '' && !dev)
    t.strictSame(
      packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
      []
    )
    // Optional packages are binaries, one per platform.
    const needed = packages.filter(([, { optional }]) => !optional)
    t.ok(needed.length > 50 && needed.length < 140, `${needed.length} packages`)
  }
)
