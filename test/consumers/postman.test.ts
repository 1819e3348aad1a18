import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import newman, { type NewmanRunSummary } from 'newman'
import t from 'tap'
import { convert, makeCollection } from '../../tools/postman.js'
import { operations, yaml } from './helpers/document.js'
import { snippets } from './helpers/guides.js'
import { HERE, report, versionOf } from './helpers/report.js'
import { PASSWORD, type Service, signIn, startService, USERNAME } from './helpers/service.js'

const committed = readFileSync('postman_collection.json', 'utf8')

/** Runs a collection with values for its variables, as `newman run` does. */
async function run(collection: object, variables: Record<string, string>): Promise<NewmanRunSummary> {
  const envVar = Object.entries(variables).map(([key, value]) => ({ key, value }))
  return await new Promise((resolve, reject) =>
    newman.run({ collection, envVar }, (error, summary) => (error ? reject(error) : resolve(summary)))
  )
}

interface Sent {
  name: string
  status: number
  url: string
  body: string
}

/** Returns the requests and their statuses, in order. */
const sent = ({ run }: NewmanRunSummary): Sent[] =>
  run.executions.map(({ item, request, response }) => ({
    name: item.name,
    status: response?.code ?? 0,
    url: decodeURIComponent(request.url.toString()),
    body: request.body?.toString() ?? ''
  }))

t.test('the committed collection matches the document', async (t) => {
  t.equal(committed, `${JSON.stringify(await makeCollection(yaml), null, 2)}\n`, 'run `npm run postman`')
})

/** Catalogs to run the collection against: description, environment of the service, and preparation. */
const catalogs: [string, NodeJS.ProcessEnv, (service: Service) => Promise<void>][] = [
  ['the sample', {}, async () => {}],
  ['no product', { SOURCE_URL: 'none' }, async () => {}],
  [
    'edited, hidden and local products',
    {},
    async (service) => {
      const write = await writer(service)
      await write('POST', '/products', example('createProduct'))
      await write('POST', '/products/import', example('importProducts'), 'application/octet-stream')
      await write('PATCH', '/products/1', '{"price":1}')
      await write('DELETE', '/products/2')
    }
  ]
]

/** Returns the example body of an operation. */
function example(id: string): string {
  const collection: Item = JSON.parse(committed)
  const items = (item: Item): Item[] => [item, ...(item.item ?? []).flatMap(items)]
  const { summary } = operations.find((operation) => operation.id === id)?.operation ?? {}
  return items(collection)
    .find(({ name }) => name === summary)
    ?.request?.body.raw.replace('POSTMAN-{{$guid}}', 'MUG-001') as string
}
interface Item {
  name?: string
  item?: Item[]
  request?: { body: { raw: string } }
}

/** Returns a function that sends a write and throws if it fails. */
async function writer(service: Service) {
  const authorization = `Bearer ${await signIn(service)}`
  return async (method: string, path: string, body?: string, type = 'application/json') => {
    const headers = { authorization, 'if-match': '*', ...(body && { 'content-type': type }) }
    const response = await fetch(`${service.url}${path}`, { method, headers, body: body ?? null })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  }
}

/** Returns everything that readers see. */
async function readAll(service: Service): Promise<string[]> {
  const authorization = `Bearer ${await signIn(service)}`
  const read = async (path: string) =>
    await (await fetch(`${service.url}${path}`, { headers: { authorization } })).text()
  return [await read('/products/export'), await read('/categories')]
}

let failures = 0
for (const [name, env, prepare] of catalogs) {
  t.test(`runs pass and leave the catalog unchanged: ${name}`, async (t) => {
    const service = await startService(t, env)
    await prepare(service)
    const before = await readAll(service)
    for (const round of ['first', 'second']) {
      const summary = await run(JSON.parse(committed), { baseUrl: service.url, username: USERNAME, password: PASSWORD })
      const failed = summary.run.failures.map(({ error, source }) => `${source?.name}: ${error.name} ${error.message}`)
      failures += failed.length
      t.strictSame(failed, [], `${round} run`)
      t.equal(summary.run.executions.length, operations.length, 'every operation was sent')
      t.ok((summary.run.stats.assertions.total ?? 0) >= 2 * operations.length, 'with tests of its status and body')
      t.strictSame(await readAll(service), before, `${round} run`)
    }
  })
}

t.test('report', async () => report('Postman collection, by newman', versionOf('newman'), operations.length, failures))

t.test('the command of the guide runs the collection that the service publishes', async (t) => {
  const { url } = await startService(t)
  const [command] = snippets('clients/postman', 'sh', url)
  const { status, stdout } = spawnSync('bash', ['-euc', command.replaceAll('PASSWORD', PASSWORD)], {
    cwd: HERE,
    encoding: 'utf8'
  })
  if (status !== 0) t.comment(stdout)
  t.equal(status, 0)
  t.match(stdout, /Sign out/)
})

/**
 * By default, the importer writes placeholders (`<integer>`, `<double>`, `<boolean>` and `<dateTime>`) for values without a default, such as product
 * ids, prices and fields of bodies. A document cannot prevent that.
 */
t.test('a default import of the document works after the placeholders are filled in', async (t) => {
  const service = await startService(t)
  const imported = await convert(yaml, {})
  // Signing out first would revoke the token that the others need.
  imported.item.sort(
    (a: { name: string }, b: { name: string }) => Number(a.name === 'auth') - Number(b.name === 'auth')
  )
  t.match(imported.auth, { type: 'bearer', bearer: [{ key: 'token', value: '{{bearerToken}}' }] })
  t.match(imported.variable, [{ key: 'baseUrl', value: /^https?:\/\// }])

  const variables = { baseUrl: service.url, bearerToken: await signIn(service) }
  const isPlaceholder = /<(integer|double|boolean|dateTime)>/
  const asImported = sent(await run(imported, variables))
  t.equal(asImported.length, operations.length)
  const refused = asImported.filter(({ status }) => status === 400)
  t.strictSame(
    refused.filter(({ url, body }) => !isPlaceholder.test(url + body)),
    [],
    'only requests with placeholders are rejected'
  )

  const filledIn = JSON.parse(
    JSON.stringify(imported)
      .replaceAll(/\\"<(integer|double)>\\"|<(integer|double)>/g, '1')
      .replaceAll(/\\"<boolean>\\"|<boolean>/g, 'false')
      .replaceAll('<dateTime>', '2026-11-27T00:00:00Z')
  )
  const again = sent(await run(filledIn, { ...variables, bearerToken: await signIn(service) }))
  const malformed = again.filter(({ status }) => status === 400 || status >= 500)
  t.strictSame(malformed, [])
  report(
    'Postman import, placeholders filled in',
    versionOf('openapi-to-postmanv2'),
    operations.length,
    malformed.length
  )
})
