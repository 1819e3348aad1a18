import { type ExecFileOptions, execFile, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import tap, { type Test } from 'tap'
import { document, operations } from './document.js'
import { HERE, report, reportNotRun } from './report.js'
import { PASSWORD, type Service, startService } from './service.js'

/** The document that clients are generated from. */
export const DOCUMENT = resolve('openapi.yaml')
/** The programs that use the clients, and what their generators are told. */
export const CLIENTS = `${HERE}/clients`

const components = Object.keys(document.components?.schemas ?? {})

/** Which operation a request is of: an address of its own goes before one that would match it too, as /products/export does. */
const routes = operations
  .map(({ id, method, path }) => ({
    id,
    method: method.toUpperCase(),
    isOwn: !path.includes('{'),
    path: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/?]+')}(\\?|$)`)
  }))
  .sort((one, other) => Number(other.isOwn) - Number(one.isOwn))

/** A program that is installed beside the tests. */
export const bin = (name: string): string => `${HERE}/node_modules/.bin/${name}`

/** Runs a program to its end. @returns What it printed. @throws With the same, where it fails. */
export async function run(program: string, args: string[], options: ExecFileOptions = {}): Promise<string> {
  return await new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 1e8, ...options }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`))
      else resolve(`${stdout}${stderr}`)
    })
  })
}

/** What was asked of the service, as it saw it: the operations, each with the statuses that it was answered with. */
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

/** What every program tries, to be refused: without a token, with one that has ended, what is not there, what has changed. */
const refusals = ['listProducts 401', 'listCategories 401', 'getProduct 404', 'updateProduct 412']
/** What a program may try too: a client that checks its arguments itself does not get as far. */
const moreRefusals = ['updateProduct 400']

/**
 * Runs a program that uses a generated client, with the address of a service as its last argument. It has to end well, to use every
 * operation, and to be refused what it means to be, and nothing else. @returns How many operations the service saw.
 */
export async function exercise(
  t: Test,
  [program, ...args]: [string, ...string[]],
  env: NodeJS.ProcessEnv = {}
): Promise<number> {
  const service = await startService(t, { LOG_LEVEL: 'debug' })
  await run(program, [...args, service.url], { env: { ...process.env, ADMIN_PASSWORD: PASSWORD, ...env } })

  // The log tells of all requests when it tells of a later one.
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
 * Tests a client and adds its line to the table: its name and version, how many operations it used, and how much of the test failed.
 * Clients are tested two at a time where `t.jobs` says so. Where a program is missing that it needs, the line says that.
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

/** Names that a generator makes up where the document has none, or where it does not understand what is there. */
const MADE_UP =
  /Inline|_?[iI]nner\d*$|Enum\d|\d{3}_?[rR]esponse$|[aA]ny_?[oO]f|[oO]ne_?[oO]f|[aA]ll_?[oO]f|^Model\d|Anonymous|Unnamed|[a-z]Item$|^[A-Z]\w*[a-z]\d+$/
/** Where a type is given its name, in the languages that there are. */
const DECLARED =
  /^ *(?:export |public |open |final |abstract |static |data |internal |sealed |partial )*(?:class|interface|type|struct|enum(?: class)?) (\w+)/gm

/** Every file of a type below a folder: its address, and its text. */
export const sources = (folder: string, type: string): { file: string; text: string }[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extname(entry.name) === type)
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .map((file) => ({ file, text: readFileSync(file, 'utf8') }))

/**
 * Checks that the types that were generated are called as the document calls them: each component by its own name, and none by one
 * that was made up, but for `own`: names that the generator brings with it, whatever the document.
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
