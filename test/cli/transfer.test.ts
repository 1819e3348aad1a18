import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import t from 'tap'
import { Progress } from '../../src/cli/progress.js'
import { startApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { createFolder } from '../helpers/folder.js'
import { mug } from '../helpers/local-products.js'
import { command, type Finished, TestProcess } from '../helpers/process.js'
import { mascara, palette } from '../helpers/products.js'
import { isDeep, sample } from '../helpers/runs.js'

onOneEngine('shell commands export and import the catalog while the service runs', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const folder = createFolder(t)
  const env = { DATABASE_URL: app.config.databaseUrl }
  const run = (name: string, args: string[], input = ''): Promise<Finished> =>
    new TestProcess(t, command('src/cli/catalog.js', name, ...args), env, { input }).finished
  const { revision } = (await app.request('/')).body.catalog

  for (const format of sample(['ndjson', 'csv'], 2)) {
    const file = `${folder}/products.${format}`
    t.match(await run('export', [file]), { code: 0, stderr: '', stdout: `Exported 2 products to ${file}.\n` })
    const response = await app.request('/products/export', {
      headers: { accept: format === 'csv' ? 'text/csv' : '*/*' }
    })
    t.equal(await readFile(file, 'utf8'), response.text)
    t.equal((await run('export', ['--format', format])).stdout, response.text)
    const unchanged = '2 rows: 0 created, 0 updated, 2 unchanged, 0 refused.\n'
    t.match(await run('import', [file]), { code: 0, stderr: '', stdout: unchanged })
    t.match(await run('import', ['--format', format], response.text), { code: 0, stdout: unchanged })
  }
  t.strictSame(await readdir(folder), isDeep ? ['products.csv', 'products.ndjson'] : ['products.ndjson'])
  t.equal((await app.request('/')).body.catalog.revision, revision)
  t.match(
    (await run('export', ['--query', 'q=palette&category=beauty&category=none&limit=5'])).stdout,
    /^\{"id":2,[^\n]*\n$/
  )

  const rows = `${JSON.stringify({ id: 1, price: 3 })}\n${JSON.stringify({ id: 7, price: 3 })}\nx\n${JSON.stringify(mug)}\n`
  const refused = 'Line 2: id belongs to no product (got 7): leave it out to create one\nLine 3: is not JSON\n'
  const counts = '4 rows: 1 created, 1 updated, 0 unchanged, 2 refused.'
  t.match(await run('import', [], rows), { code: 1, stderr: refused, stdout: `${counts} Nothing was written.\n` })
  t.match(await run('import', ['--mode', 'each', '--dry-run'], rows), {
    code: 0,
    stdout: `${counts} Nothing was written.\n`
  })
  t.equal((await app.request('/')).body.catalog.revision, revision)
  t.match(await run('import', ['--mode', 'each'], rows), { code: 0, stderr: refused, stdout: `${counts}\n` })
  while ((await app.request('/products')).body.total < 3) await new Promise((resolve) => setTimeout(resolve, 5))
  t.match((await app.request('/products/1/history')).body.history[0], {
    by: 'shell',
    changes: [{ field: 'price', after: 3 }, {}]
  })
  const many = await run('import', ['--mode', 'each'], 'x\n'.repeat(1002))
  t.match(many.stderr, '… and 2 more rows.\n')
})

onOneEngine('an export to a file with the extension of a feed is one, without drafts', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  await app.request('/products/2', { method: 'PATCH', json: { status: 'draft' }, headers: { 'if-match': '*' } })
  const folder = createFolder(t)
  const env = { DATABASE_URL: app.config.databaseUrl }
  for (const [name, accept] of sample(
    [
      ['feed.XML', 'application/rss+xml'],
      ['feed.rss', 'application/rss+xml'],
      ['feed.tsv', 'text/tab-separated-values']
    ] as const,
    2
  )) {
    const { finished } = new TestProcess(t, command('src/cli/catalog.js', 'export', `${folder}/${name}`), env)
    t.match(await finished, { code: 0, stdout: `Exported 1 products to ${folder}/${name}.\n` })
    const { text } = await app.request('/products/export', { headers: { accept } })
    t.equal(await readFile(`${folder}/${name}`, 'utf8'), text)
    t.match(text, 'Mascara')
  }
  const args = command('src/cli/catalog.js', 'import', `${folder}/feed.tsv`, '--format', 'tsv')
  t.match(await new TestProcess(t, args, env).finished, {
    code: 1,
    stderr: /^--format must be ndjson or csv \(got "tsv"\)\./
  })
})

t.test('invalid arguments and files are named, and nothing is written', async (t) => {
  const folder = createFolder(t)
  const env = { DATABASE_URL: `file:${folder}/catalog.db` }
  const run = (name: string, args: string[], input = '') =>
    new TestProcess(t, command('src/cli/catalog.js', name, ...args), env, { input }).finished
  const cases: [string[], string][] = [
    [['a', 'b'], 'Too many arguments.'],
    [['--format', 'xml'], '--format must be ndjson'],
    [['--colour=red'], "Unknown option '--colour'."],
    [['--format'], "Option '--format <value>' argument missing."]
  ]
  for (const [args, reason] of sample(cases, 3)) {
    for (const name of sample(['export', 'import'], 2)) {
      const { code, stdout, stderr } = await run(name, args)
      t.match({ code, stdout }, { code: 1, stdout: '' })
      t.ok(stderr.startsWith(reason), stderr)
      t.match(stderr, new RegExp(`^.*\\n\\nUsage: catalog ${name} \\[FILE\\]`))
    }
  }
  t.match(await run('import', ['--mode', 'some']), {
    code: 1,
    stderr: /^--mode must be all-or-nothing or each.*\n\nUsage/
  })
  t.match(await run('import', [`${folder}/none.csv`]), { code: 1, stderr: /none\.csv cannot be read/ })
  t.match(await run('import', ['--format', 'csv'], 'id,colour\n'), {
    code: 1,
    stderr: /^Line 1: the column "colour" is unknown.*Nothing was written\.\n$/
  })
  t.match(await run('export', ['--query', 'colour=red&limit=0']), {
    code: 1,
    stderr: /colour is unknown: .*; limit must be at least 1 \(got 0\)/
  })
  t.match(await run('export', ['--query', 'cursor=x']), { code: 1, stderr: /cursor/ })
  await mkdir(`${folder}/folder`)
  for (const name of ['export', 'import']) {
    t.match(await run(name, [`${folder}/folder`]), { code: 1, stderr: /^EISDIR: .*\n$/ })
  }
  t.notOk((await readdir(folder)).includes('folder.part'))
  await writeFile(`${folder}/taken`, '')
  t.match(await run('export', [`${folder}/taken/products.csv`]), { code: 1, stderr: /^ENOTDIR: .*\n$/ })
})

t.test('a closed output pipe is not an error', async (t) => {
  const app = await startApp(t, {
    products: Array.from({ length: 500 }, (_, i) => ({ ...mascara, id: i + 1, description: 'x'.repeat(2000) }))
  })
  const [node = '', ...args] = command('src/cli/catalog.js', 'export')
  const shell = [
    '/bin/bash',
    '-o',
    'pipefail',
    '-c',
    `"${node}" ${args.join(' ')} | head -c 100; echo "\${PIPESTATUS[0]}"`
  ]
  const { stdout, stderr } = await new TestProcess(t, shell, { DATABASE_URL: app.config.databaseUrl }).finished
  t.match(stdout, /^\{"id":1,.*\n?0\n$/s)
  t.equal(stderr, '')
})

t.test('on a terminal, a bar shows the progress', async (t) => {
  let shown = ''
  const out = (isTTY: boolean) => ({ isTTY, write: (text: string) => (shown += text) }) as unknown as NodeJS.WriteStream
  const silent = new Progress(out(false))
  silent.show('Importing', 1, 2)
  silent.end()
  t.equal(shown, '')

  const progress = new Progress(out(true))
  progress.end()
  t.equal(shown, '')
  progress.show('Importing', 500, 2000)
  progress.show('Importing', 501, 2000)
  progress.show('Importing', 2000, 2000)
  progress.show('Reading', 7, 0)
  progress.end()
  t.equal(
    shown,
    `\rImporting ${'█'.repeat(8)}${'░'.repeat(22)} 25 %, 500 of 2,000\u001b[K\rImporting ${'█'.repeat(30)} 100 %, 2,000 of 2,000\u001b[K\rReading 7\u001b[K\n`
  )
})
