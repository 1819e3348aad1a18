import { readdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import root from 'tap'

const folder = fileURLToPath(new URL('..', import.meta.url))
const END = '.test.js'

/**
 * Test files that run in one process, per suite: single files, or all of a folder (with `/` at its end). If two suites name a file, the
 * one with the longer path has it. Before its first test, a process takes about four processor seconds for the loaders of tap, the modules
 * of the service, the first app and a PostgreSQL server. So the files share seven processes instead of starting 100.
 */
export const suites: Record<string, string[]> = {
  attacks: ['attacks/', 'deep/'],
  database: ['store/'],
  http: ['deep/consistency', 'http/'],
  model: [
    'app',
    'auth/',
    'catalog/',
    'changes/',
    'clients/',
    'config',
    'contract/',
    'products/',
    'support/',
    'tools/',
    'http/routes/'
  ],
  processes: ['acceptance', 'cli/', 'dependencies', 'layout', 'mirror', 'packages', 'server', 'suites'],
  sources: ['sync/sources/'],
  sync: ['deep/crashes', 'sync/', 'transfer/']
}

/** Takes minutes, and nothing may run beside it: `npm run test:attacks`. */
export const alone = ['deep/large-catalog']

/** The names of all test files except the suites: paths below test/, without `.test.ts`. */
export const testFiles = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith(END) && !path.startsWith('suites/'))
  .map((path) => path.slice(0, -END.length))
  .sort()

/** The suite that runs a test file. */
export function suiteOf(file: string): string | undefined {
  if (alone.includes(file)) return undefined
  const places = Object.entries(suites).flatMap(([suite, paths]) => paths.map((path) => ({ suite, path })))
  const fitting = places.filter(({ path }) => (path.endsWith('/') ? file.startsWith(path) : file === path))
  return fitting.toSorted((a, b) => b.path.length - a.path.length)[0]?.suite
}

/** Runs the test files of a suite one after the other. Each of them also runs alone: `npx tap dist/test/app.test.js`. */
export async function runSuite(name: string): Promise<void> {
  for (const file of testFiles.filter((file) => suiteOf(file) === name)) {
    // tap runs the tests that the file registers after this one and before the next one.
    await root.test(file, async () => {
      await import(pathToFileURL(`${folder}/${file}${END}`).href)
    })
  }
}
