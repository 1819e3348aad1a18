import t from 'tap'
import type { FeedItem } from '../../../../src/sync/sources/google/feed-items.js'
import { ItemGroups } from '../../../../src/sync/sources/google/item-groups.js'

async function group(items: readonly FeedItem[]) {
  const groups = new ItemGroups()
  for (const item of items) await groups.add(String(item.item_group_id), item)
  const listed = []
  for await (const group of groups.list()) listed.push(group)
  await groups.close()
  return listed
}

const item = (group: string, id: string, text = ''): FeedItem => ({ id, item_group_id: group, description: text })

t.test('items of a group are together, wherever they stand, and sorted by their id', async (t) => {
  const items = [item('a', '2'), item('b', '1'), item('a', '10'), item('a', '1')]
  const [first, second] = (await group(items)).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  t.strictSame(
    [first, second],
    [
      { item_group_id: 'a', items: [items[3], items[2], items[0]] },
      { item_group_id: 'b', items: [items[1]] }
    ]
  )
  t.strictSame(await group([]), [])
})

t.test('the order of items in the feed does not matter, also if ids are repeated or missing', async (t) => {
  const items: FeedItem[] = [item('a', '1', 'x'), item('a', '1', 'y'), { item_group_id: 'a' }, item('a', '2')]
  const expected = await group(items)
  t.strictSame(await group(items.toReversed()), expected)
  t.strictSame(await group([2, 0, 3, 1].map((i) => items[i] as FeedItem)), expected)
})

t.test('groups that do not fit into memory are complete', async (t) => {
  const text = 'x'.repeat(5000)
  const items = Array.from({ length: 4000 }, (_, i) => item(`group ${i % 300}`, String(i), text))
  const groups = await group(items)
  t.equal(groups.length, 300)
  t.equal(groups.flatMap((group) => ('items' in group ? group.items : [])).length, 4000)
  t.ok(groups.every((group) => 'items' in group && group.items.every((found) => found.description === text)))
})

t.test('a group that is too large is unreadable', async (t) => {
  const items = Array.from({ length: 100 }, (_, i) => item('a', String(i), 'x'.repeat(200_000)))
  t.match(await group(items), [{ id: 'a', unreadable: /at most 16000000 characters/ }])
})

t.test('a folder in which no file can be written is an error with a reason', async (t) => {
  const { TMPDIR } = process.env
  process.env.TMPDIR = '/none'
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  })
  const groups = new ItemGroups()
  await t.rejects(groups.add('a', item('a', '1', 'x'.repeat(50_000))), {
    name: 'SourceError',
    reason: 'invalid',
    detail: /temporary file cannot be written \(ENOENT\)/
  })
  await t.resolves(groups.close())
})
