/* Imports point one way. Type-only imports count too: whoever reads a file has to know the types that it uses. */
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import ts from 'typescript'

const model = ['schemas', 'support', 'products']
const stored = [...model, 'store']
const domain = [...stored, 'catalog', 'changes', 'editing', 'auth', 'sync', 'transfer']

/** The areas that each area may import, besides itself. An area is a folder, or one of the files in `src/`. */
const allowed: Record<string, readonly string[]> = {
  schemas: [],
  version: [],
  support: ['schemas'],
  products: ['schemas', 'support'],
  store: model,
  // Explains misspelled variables, checks the URL of the database, and parses the credentials of the source. The areas below get their
  // settings as parameters.
  config: [...stored, 'sync'],
  catalog: stored,
  changes: stored,
  editing: stored,
  auth: stored,
  sync: [...stored, 'catalog', 'version'],
  transfer: [...stored, 'catalog'],
  // The pipeline wires the services into hooks; the domain never sees it.
  http: [...domain, 'config', 'services', 'version'],
  cli: [...domain, 'config', 'version'],
  services: [...domain, 'config'],
  app: [...domain, 'http', 'config', 'version', 'services'],
  server: [...domain, 'http', 'config', 'version', 'services', 'app']
}

const imports = await readImports(['schemas', 'src'])

t.test('each area imports only the areas that it may import', async (t) => {
  t.strictSame(findForbidden(imports), [])
})

t.test('no imports form a cycle', async (t) => {
  t.strictSame(findCycles(imports), [])
})

t.test('a forbidden import is found', async (t) => {
  const example = new Map([['src/products/money.ts', ['src/store/tables.ts', 'schemas/product.ts']]])
  t.strictSame(findForbidden(example), ['src/products/money.ts → src/store/tables.ts'])
})

t.test('a file outside the known folders is found', async (t) => {
  const example = new Map([['src/utils/strings.ts', ['schemas/product.ts']]])
  t.strictSame(findForbidden(example), ['src/utils/strings.ts → schemas/product.ts'])
})

t.test('a cycle is found, however long', async (t) => {
  const example = new Map([
    ['a.ts', ['b.ts', 'd.ts']],
    ['b.ts', ['c.ts']],
    ['c.ts', ['a.ts']],
    ['d.ts', []]
  ])
  t.strictSame(findCycles(example), ['a.ts → b.ts → c.ts → a.ts'])
})

/** Returns the imports that the table does not allow. */
function findForbidden(imports: ReadonlyMap<string, readonly string[]>): string[] {
  return [...imports].flatMap(([file, imported]) => {
    const area = toArea(file)
    return imported
      .filter((other) => toArea(other) !== area && !allowed[area]?.includes(toArea(other)))
      .map((other) => `${file} → ${other}`)
  })
}

/** Returns the cycles that a depth-first search meets: none if there are none. */
function findCycles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    const start = path.indexOf(file)
    if (start >= 0) cycles.push([...path.slice(start), file].join(' → '))
    else if (!done.has(file)) {
      for (const imported of imports.get(file) ?? []) visit(imported, [...path, file])
      done.add(file)
    }
  }
  for (const file of imports.keys()) visit(file, [])
  return cycles
}

/** Returns the first folder of a file in `src/`, the name of a file in `src/` itself, or `schemas`. */
function toArea(file: string): string {
  const [root, area] = file.replace(/\.ts$/, '').split('/')
  return root === 'src' ? (area as string) : (root as string)
}

/** Returns the files that each file in the folders imports or re-exports, by its path. Packages are left out. */
async function readImports(folders: readonly string[]): Promise<Map<string, string[]>> {
  const imports = new Map<string, string[]>()
  for (const folder of folders) {
    for (const entry of await readdir(folder, { recursive: true })) {
      if (!entry.endsWith('.ts')) continue
      const file = join(folder, entry)
      const { importedFiles } = ts.preProcessFile(await readFile(file, 'utf8'))
      const local = importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
      imports.set(
        file,
        local.map(({ fileName }) => relative('.', join(dirname(file), fileName)).replace(/\.js$/, '.ts'))
      )
    }
  }
  return imports
}
