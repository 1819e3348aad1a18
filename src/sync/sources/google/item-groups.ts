import { promisify } from 'node:util'
import { constants, deflateRaw, inflateRaw } from 'node:zlib'
import { type FileRange, TemporaryFile } from '../../../support/temporary-file.js'
import { SourceError } from '../../source-error.js'
import type { FeedItem, UnreadableItem } from './feed-items.js'

const pack = promisify(deflateRaw)
const unpack = promisify(inflateRaw)

/** Parts of the file. A group is in one of them, and only one is in memory at a time. */
const PARTS = 128
/** Characters of a part that are kept in memory before they are written. */
const PENDING_MAX = 32_000
/** Maximum characters of the items of a group. */
const GROUP_SIZE_MAX = 16_000_000

/** The items of a product. The one with the lowest id is the first, wherever it stands in the feed. */
export interface ItemGroup {
  item_group_id: string
  items: FeedItem[]
}

/** Items whose group has the same hash. */
interface Part {
  /** JSON of the items that are not written yet. */
  pending: string[]
  pendingSize: number
  blocks: FileRange[]
}

/**
 * Collects the items of groups, which may stand anywhere in a feed. Keeps most of them in a temporary file, so that feeds of any size fit
 * into memory.
 */
export class ItemGroups {
  readonly #file = new TemporaryFile()
  readonly #parts = Array.from({ length: PARTS }, (): Part => ({ pending: [], pendingSize: 0, blocks: [] }))

  /** @throws {SourceError} if the temporary file cannot be written. */
  async add(group: string, item: FeedItem): Promise<void> {
    const part = this.#parts[hash(group) % PARTS] as Part
    const json = JSON.stringify(item)
    part.pending.push(json)
    part.pendingSize += json.length
    if (part.pendingSize < PENDING_MAX) return
    const packed = await pack(`[${part.pending.join()}]`, { level: constants.Z_BEST_SPEED })
    part.pending = []
    part.pendingSize = 0
    part.blocks.push(await this.#file.append(packed).catch(rethrow))
  }

  /** Returns the groups with all their items. */
  async *list(): AsyncGenerator<ItemGroup | UnreadableItem> {
    for (const part of this.#parts) {
      const groups = new Map<string, { size: number; items: FeedItem[] }>()
      for await (const json of this.#read(part)) {
        for (const item of JSON.parse(json) as FeedItem[]) {
          const key = String(item.item_group_id)
          const group = groups.get(key) ?? { size: 0, items: [] }
          groups.set(key, group)
          group.size += JSON.stringify(item).length
          if (group.size > GROUP_SIZE_MAX) group.items = []
          else group.items.push(item)
        }
      }
      for (const [id, { size, items }] of groups) {
        if (size > GROUP_SIZE_MAX)
          yield { id, unreadable: `must have items with at most ${GROUP_SIZE_MAX} characters together` }
        else yield { item_group_id: id, items: sort(items) }
      }
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  /** Returns the items of a part as JSON. */
  async *#read({ blocks, pending }: Part): AsyncGenerator<string> {
    for (const block of blocks) yield (await unpack(await this.#file.read(block))).toString()
    yield `[${pending.join()}]`
  }
}

/** Sorts items by their id; those with the same id by their content, so that their order in the feed does not matter. */
function sort(items: readonly FeedItem[]): FeedItem[] {
  const keyed = items.map((item) => ({
    item,
    id: String(item.id ?? ''),
    json: JSON.stringify(Object.entries(item).sort())
  }))
  keyed.sort((a, b) => compare(a.id, b.id) || compare(a.json, b.json))
  return keyed.map(({ item }) => item)
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Returns a hash of a text (FNV-1a). */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

function rethrow(error: NodeJS.ErrnoException): never {
  const detail = `the groups of the feed do not fit into memory, and the temporary file cannot be written (${error.code})`
  throw new SourceError('invalid', { detail, cause: error })
}
