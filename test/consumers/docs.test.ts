/*
 * Runs the commands of README.md and of the pages in docs, in the order of each page, as a reader would. Comments above a block
 * say what is special about it:
 *
 *   not run: REASON          It cannot be run here.
 *   run by: FILE             That test of this folder reads the block from the page and runs it.
 *   runs until stopped       It is stopped after two seconds.
 *   the service is stopped   The reader has stopped the service before.
 *   expected: PROBLEM        The response is that problem. Any other problem is a failure.
 *   output                   What the block before it prints. `…` stands for anything.
 *   file: NAME               The reader saves it under that name.
 *
 * `DOCS_PAGE=how-to/keys npm run test:consumers -- docs` runs the pages whose name contains that.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import t, { type Test } from 'tap'
import { createFolder } from '../helpers/folder.js'
import { type Block, blocksOf, marked } from './helpers/markdown.js'
import { freePort } from './helpers/ports.js'
import { type PostgresAddress, startPostgres } from './helpers/postgres.js'
import { Reader } from './helpers/reader.js'
import { HERE, report, reportNotRun } from './helpers/report.js'
import { PASSWORD } from './helpers/service.js'

t.jobs = 2

const root = process.cwd()
const isShell = ({ language }: Block) => ['sh', 'bash', 'shell', 'console'].includes(language)
/** Starts the service, which then runs while the rest of the page is read. */
const STARTS = /\bnpm start$/m
const CLONES = /^git clone /m
/** What `npm run build` writes. */
const BUILT = ['dist/src', 'dist/schemas', 'dist/.tsbuildinfo']
const DUMPS = /\bpg_(dump|restore)\b/

const files = ['README.md', ...readdirSync('docs', { recursive: true }).map((file) => `docs/${file}`)]
const pages = files
  .filter((file) => file.endsWith('.md'))
  .map((file) => ({ file, blocks: blocksOf(file) }))
  .filter(({ file, blocks }) => blocks.some(isShell) && file.includes(process.env.DOCS_PAGE ?? ''))

const notRun = new Map<string, number>()
const countNotRun = (reason: string) => notRun.set(reason, (notRun.get(reason) ?? 0) + 1)
let runs = 0
let failures = 0

const repository = commitWorkingTree(createFolder(t))
const programs = provideNpm(createFolder(t))

for (const { file, blocks } of pages) {
  const toRun = blocks.filter((block) => {
    if (!isShell(block)) return false
    const reason = marked(block, 'not run')
    if (reason !== undefined) countNotRun(reason)
    return reason === undefined && marked(block, 'run by') === undefined
  })
  t.test(`the tests named by the "run by" marks of ${file} contain its name`, async (t) => {
    const name = file.replace(/^docs\/|\.md$/g, '')
    const tests = new Set(blocks.flatMap((block) => marked(block, 'run by') ?? []))
    for (const test of tests) t.match(readFileSync(`${HERE}/${test}`, 'utf8'), `'${name}'`, test)
  })
  if (toRun.length === 0) continue
  t.test(`the commands of ${file} work in their order`, { buffered: true }, async (t) => {
    await followPage(t, file, blocks, toRun).catch((error) => t.fail(`${file}: ${error.message}`))
    failures += t.counts.fail
  })
}

t.test('blocks that are not run are reported with the reason', async (t) => {
  for (const [reason, blocks] of notRun)
    reportNotRun(`${blocks} shell block${blocks > 1 ? 's' : ''} of the docs`, reason)
  if (process.env.DOCS_PAGE === undefined) t.ok(runs > 60, `${runs} blocks were run`)
  report('shell blocks of the docs', `${runs} run`, 0, failures)
})

/** Types the blocks of one page. */
async function followPage(t: Test, file: string, blocks: Block[], toRun: Block[]): Promise<void> {
  const folder = createFolder(t)
  const port = await freePort()
  const postgres = toRun.some(({ code }) => code.includes('db.example')) ? await startPostgres(t) : undefined
  const startsFromNothing = toRun.some(({ code }) => CLONES.test(code))
  const reader = new Reader(
    t,
    folder,
    {
      PATH: [programs, process.env.PATH].join(delimiter),
      HOME: process.env.HOME,
      PORT: String(port),
      // No source answers: the service serves the sample.
      SOURCE_URL: 'http://127.0.0.1:1',
      // A reader of the README builds the service.
      ...(file !== 'README.md' && { IS_BUILT: 'true' }),
      ...(postgres && { PGPASSWORD: postgres.password }),
      ...(!startsFromNothing && { ADMIN_PASSWORD: PASSWORD })
    },
    'a password that is typed\n'
  )
  const work = `${folder}/work`
  if (!startsFromNothing) copyBuilt(work)
  if (!toRun.some(({ code }) => STARTS.test(code))) await reader.startService('node dist/src/server.js')

  if (postgres && !toRun.some(({ code }) => code.includes('create database'))) {
    await reader.run(createDatabase(postgres))
  }

  for (const [i, block] of blocks.entries()) {
    const name = marked(block, 'file')
    if (name !== undefined) await reader.save(name, block.code)
    if (!toRun.includes(block)) continue
    const known = [work, `${work}/product-catalog`].map((place) => `${place}/var/catalog.db-initial-password`)
    const passwordFile = known.find((path) => existsSync(path))
    const password = startsFromNothing && passwordFile ? readFileSync(passwordFile, 'utf8').trim() : PASSWORD
    const fill = (text: string) =>
      text
        .replaceAll('REPOSITORY_URL', repository)
        .replaceAll(/http:\/\/(localhost|127\.0\.0\.1):5000/g, `http://127.0.0.1:${port}`)
        .replaceAll('db.example:5432', `127.0.0.1:${postgres?.port}`)
        .replaceAll(/\bPASSWORD\b/g, password)
    if (DUMPS.test(block.code) && !postgres?.canDump) {
      countNotRun('no pg_dump of the version of the server')
      continue
    }
    if (marked(block, 'the service is stopped') !== undefined) await reader.stopService()
    const printed = await runBlock(reader, block, fill(block.code))
    runs++
    const problems = [...printed.matchAll(/urn:problem-type:product-catalog:([\w-]+)/g)].map(([, problem]) => problem)
    const expected = marked(block, 'expected')
    t.strictSame([...new Set(problems)], expected === undefined ? [] : [expected], `problems of:\n${block.code}`)
    const next = blocks[i + 1]
    if (next && marked(next, 'output') !== undefined) {
      t.ok(isLike(printed, fill(next.code)), `the output of:\n${block.code}\nis:\n${printed}\nand not:\n${next.code}`)
    }
  }
}

/** Returns commands that make the database that a page takes for granted. */
const createDatabase = ({ port }: PostgresAddress) => `
psql -q postgres://postgres@127.0.0.1:${port}/postgres -c "create role catalog login password '${PASSWORD}'" \\
  -c "create database catalog owner catalog encoding 'UTF8' template template0"
DATABASE_URL='postgres://catalog:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/catalog' npm run -s catalog -- keys list
`

async function runBlock(reader: Reader, block: Block, code: string): Promise<string> {
  try {
    if (STARTS.test(code)) return await reader.startService(code)
    return await (marked(block, 'runs until stopped') === undefined ? reader.run(code) : reader.runUntilStopped(code))
  } catch (error) {
    throw new Error(`${block.code}\nfails:\n${(error as Error).message}`)
  }
}

/** Whether an output is as a page shows it: white space does not count, and `…` stands for anything. */
function isLike(printed: string, shown: string): boolean {
  const parts = shown
    .replaceAll(/\s/g, '')
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(printed.replaceAll(/\s/g, ''))
}

/** Returns a repository with the files as they are now, committed or not. */
function commitWorkingTree(folder: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { encoding: 'utf8' })
  for (const file of listed.split('\0').filter((file) => file !== '' && existsSync(file)))
    cpSync(file, `${folder}/${file}`)
  git('init', '-q')
  git('add', '-A')
  git('-c', 'user.name=reader', '-c', 'user.email=reader@example.org', 'commit', '-q', '-m', 'The working tree')
  return folder
}

/** Returns a folder with a program `npm` that takes the packages that are installed already in place of `npm ci`. */
function provideNpm(folder: string): string {
  const npm = execFileSync('which', ['npm'], { encoding: 'utf8' }).trim()
  const link = `{ cp -al ${root}/node_modules . 2> /dev/null || ln -s ${root}/node_modules .; }`
  // Building takes long. Where it is not the first time, the compiler only finds that there is nothing to do.
  const build = `if [ -n "$IS_BUILT" ]; then (cd ${root} && cp -r --parents ${BUILT.join(' ')} "$OLDPWD"); fi`
  writeFileSync(`${folder}/npm`, `#!/bin/sh\nif [ "$1" = ci ]; then ${link} && ${build}; else exec ${npm} "$@"; fi\n`)
  chmodSync(`${folder}/npm`, 0o755)
  return folder
}

/** Makes a folder what a clone is after `npm ci` and `npm run build`. */
function copyBuilt(folder: string): void {
  spawnSync('cp', ['-r', `${repository}/.`, folder])
  spawnSync('cp', ['-r', '--parents', ...BUILT, folder])
  if (spawnSync('cp', ['-al', `${root}/node_modules`, folder]).status !== 0)
    symlinkSync(`${root}/node_modules`, `${folder}/node_modules`)
}
