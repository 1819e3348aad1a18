import { type ExecFileOptions, execFile, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import tap, { type Test } from 'tap'
import { document, operations } from './document.js'
import { HERE, report, reportNotRun } from './report.js'
import { PASSWORD, type Service, startService } from './service.js'

/** Path of the document that clients are generated from. */
export const DOCUMENT = resolve('openapi.yaml')
/** Folder of the programs that use the clients, and of the settings of their generators. */
export const CLIENTS = `${HERE}/clients`

const components = Object.keys(document.components?.schemas ?? {})

/** Patterns of request lines. A literal path such as /products/export comes before a template that matches it too. */
const routes = operations
  .map(({ id, method, path }) => ({
    id,
    method: method.toUpperCase(),
    isOwn: !path.includes('{'),
    path: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/?]+')}(\\?|$)`)
  }))
  .sort((one, other) => Number(other.isOwn) - Number(one.isOwn))

/** Returns the path of a program in the node_modules of the consumer tests. */
export const bin = (name: string): string => `${HERE}/node_modules/.bin/${name}`

/** Runs a program. @returns Its output. @throws {Error} with its output if it fails. */
export async function run(program: string, args: string[], options: ExecFileOptions = {}): Promise<string> {
  return await new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 1e8, ...options }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`))
      else resolve(`${stdout}${stderr}`)
    })
  })
}

/** Returns the statuses of each operation from the log of the service. */
function exercised({ log }: Service): Map<string, Set<number>> {
  const asked = new Map<string, string>()
  const answered = new Map<string, Set<number>>()
  for (const line of log.split('\n').filter((line) => line.startsWith('{'))) {
    const { reqId, req, res } = JSON.parse(line)
    if (req) {
      const route = routes.find(({ method, path }) => method === req.method && path.test(req.url))
      asked.set(reqId, route?.id ?? `${req.method} ${req.url}`)
    } else if (res) {
      const name = asked.get(reqId) as string
      answered.set(name, (answered.get(name) ?? new Set()).add(res.statusCode))
    }
  }
  return answered
}

/** Errors that every program provokes: no token, an invalid token, a missing product, an outdated ETag. */
const refusals = ['listProducts 401', 'listCategories 401', 'getProduct 404', 'updateProduct 412']
/** Errors that a program may provoke, unless its client validates arguments. */
const moreRefusals = ['updateProduct 400']

/**
 * Runs a program that uses a generated client, with the address of a service as its last argument. Checks that the program succeeds,
 * uses every operation and gets exactly the expected errors. @returns The number of operations that the service received.
 */
export async function exercise(
  t: Test,
  [program, ...args]: [string, ...string[]],
  env: NodeJS.ProcessEnv = {}
): Promise<number> {
  const service = await startService(t, { LOG_LEVEL: 'debug' })
  await run(program, [...args, service.url], { env: { ...process.env, ADMIN_PASSWORD: PASSWORD, ...env } })

  // When the log contains a later request, it contains all earlier ones.
  await fetch(`${service.url}/end`)
  while (!exercised(service).has('GET /end')) await setTimeout(10)

  const seen = exercised(service)
  seen.delete('GET /end')
  t.strictSame([...seen.keys()].sort(), operations.map(({ id }) => id).sort(), 'every operation is used')
  const refused = [...seen].flatMap(([operation, statuses]) =>
    [...statuses].filter((status) => status >= 400).map((status) => `${operation} ${status}`)
  )
  t.strictSame(refused.filter((refusal) => !moreRefusals.includes(refusal)).sort(), [...refusals].sort())
  return seen.size
}

/**
 * Tests a client and adds a line to the table: name, version, number of used operations and number of failures. If a program that it
 * needs is missing, the line says so. `t.jobs` sets how many clients are tested at a time.
 */
export function testClient(
  name: string,
  version: string,
  programs: string[],
  test: (t: Test) => Promise<number>
): void {
  const missing = programs.find((program) => spawnSync('which', [program]).status !== 0)
  if (missing) {
    reportNotRun(name, `no ${missing} here`)
    return
  }
  let operations = 0
  tap
    .test(name, { buffered: true }, async (t) => {
      operations = await test(t)
    })
    .then((results) => report(name, version, operations, results?.fail ?? 1))
}

/** Names that generators make up for schemas without a name, or that they do not understand. */
const MADE_UP =
  /Inline|_?[iI]nner\d*$|Enum\d|\d{3}_?[rR]esponse$|[aA]ny_?[oO]f|[oO]ne_?[oO]f|[aA]ll_?[oO]f|^Model\d|Anonymous|Unnamed|[a-z]Item$|^[A-Z]\w*[a-z]\d+$/
/** Matches type declarations in all languages of the clients. */
const DECLARED =
  /^ *(?:export |public |open |final |abstract |static |data |internal |sealed |partial )*(?:class|interface|type|struct|enum(?: class)?) (\w+)/gm

/** Returns the path and the text of every file with an extension below a folder. */
export const sources = (folder: string, type: string): { file: string; text: string }[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extname(entry.name) === type)
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .map((file) => ({ file, text: readFileSync(file, 'utf8') }))

/**
 * Checks that each component of the document has a generated type of the same name, and that no type has a made-up name, except
 * `own`: the types that the generator always adds.
 */
export function checkNames(t: Test, folder: string, type: string, own: string[] = [], declared = DECLARED): void {
  const names = new Set(
    sources(folder, type).flatMap(({ text }) => [...text.matchAll(declared)].map(([, name]) => name as string))
  )
  t.strictSame(
    components.filter((name) => !names.has(name)),
    [],
    'every component has its name'
  )
  t.strictSame(
    [...names].filter((name) => MADE_UP.test(name) && !own.includes(name)),
    [],
    'no name is made up'
  )
}
