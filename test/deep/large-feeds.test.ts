/* Memory of the service, as `npm start` runs it, while it reads a merchant feed of 200 MB. */
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { CatalogStatus } from '../../schemas/service.js'
import { ADMIN } from '../helpers/app.js'
import { FeedServer, feedItem, toRss, toTable } from '../helpers/feed-server.js'
import { createFolder } from '../helpers/folder.js'
import { command, TestProcess } from '../helpers/process.js'
import { isDeep } from '../helpers/runs.js'

const BYTES_MAX = 200_000_000
/** Megabytes by which resident memory may grow. */
const GROWTH_MAX = 180
const DESCRIPTION = Array.from({ length: 1000 }, (_, i) => ((i * 7919) % 9973).toString(36)).join(' ')

/** Items without an end, in random groups of any size. Half of them are in none. */
function* endlessItems() {
  for (let i = 0; ; i++) {
    const group = i % 2 === 0 ? '' : `group-${(i * 7919) % 5003}`
    yield feedItem(String(i), {
      size: String(i),
      link: 'https://shop.example',
      item_group_id: group,
      description: `${i} ${DESCRIPTION}`
    })
  }
}

function* endlessRss(): Generator<string> {
  const [start = '', end = ''] = toRss(['']).split('<item></item>\n')
  yield start
  for (const item of endlessItems()) yield toRss([item]).slice(start.length, -end.length)
}

t.test('an endless feed is rejected, and does not fill the memory', { skip: !isDeep }, async (t) => {
  const server = await FeedServer.start(t, toTable([feedItem('a')], '\t'))
  const service = new TestProcess(t, command('src/server.js'), {
    PORT: '0',
    DATABASE_URL: `file:${createFolder(t)}/catalog.db`,
    SOURCE_URL: server.url,
    SOURCE_KIND: 'google',
    SOURCE_MAX_BYTES: String(BYTES_MAX),
    SYNC_INTERVAL: '8',
    ADMIN_PASSWORD: ADMIN.password,
    SAMPLE_CATALOG: 'false'
  })
  const url = (await service.printed(/Server listening at (http:[^"]+)/))[1] as string
  const status = async () => ((await (await fetch(url)).json()) as { catalog: CatalogStatus }).catalog
  const until = async (isReached: (status: CatalogStatus) => boolean) => {
    while (!isReached(await status())) await sleep(100)
  }
  const memory = (field: string) =>
    Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${service.child.pid}/status`, 'utf8'))?.[1]) /
    1000
  await until(({ state }) => state === 'fresh')
  const before = memory('VmRSS')
  // Resets the peak.
  writeFileSync(`/proc/${service.child.pid}/clear_refs`, '5')
  server.stream(endlessRss)

  await until(({ reason }) => reason === 'too-large')

  const growth = Math.round(memory('VmHWM') - before)
  t.comment(`${Math.round(before)} MB before, at most ${growth} MB more`)
  t.ok(growth < GROWTH_MAX, `${growth} MB`)
  t.equal((await status()).products, 1)
})
