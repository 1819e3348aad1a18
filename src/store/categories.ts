import type { Kysely, Transaction } from 'kysely'
import type { CategoryInput } from '../../schemas/category.js'
import type { SourceCategory, StoredCategories } from '../products/category-tree.js'
import type { ChangeLog } from './change-log.js'
import { CHUNK, chunks } from './chunks.js'
import type { Tables } from './tables.js'

/** The categories that a reading of a source has brought. */
export interface ReadCategories {
  list: readonly SourceCategory[]
  /** Whether the source has no others, so that the others are removed. */
  isComplete: boolean
}

/** The result of reading a source without categories. */
export const NO_CATEGORIES: ReadCategories = { list: [], isComplete: true }

/** Reads what the served source and editors say about categories. */
export async function readCategories(db: Kysely<Tables>): Promise<StoredCategories> {
  const source = await db.selectFrom('category').selectAll().execute()
  const edits = await db.selectFrom('category_edit').selectAll().execute()
  return {
    source: source.map(({ slug, name, parent, position }) => {
      return { slug, name, parent: parent ?? undefined, position: position ?? undefined }
    }),
    edits: new Map(edits.map(({ slug, ...row }) => [slug, toEdits(row)]))
  }
}

/**
 * Stores the categories of the served source, and appends a change if they differ from the stored ones.
 * @param db A transaction that has locked the catalog.
 */
export async function storeSourceCategories(
  db: Transaction<Tables>,
  log: ChangeLog,
  { list, isComplete }: ReadCategories
): Promise<void> {
  const stored = new Map((await db.selectFrom('category').selectAll().execute()).map((row) => [row.slug, row]))
  const rows = list.map(({ slug, name, parent = null, position = null }) => ({ slug, name, parent, position }))
  const changed = rows.filter(({ slug, name, parent, position }) => {
    const before = stored.get(slug)
    return before?.name !== name || before.parent !== parent || before.position !== position
  })
  const read = new Set(rows.map(({ slug }) => slug))
  const removed = isComplete ? [...stored.keys()].filter((slug) => !read.has(slug)) : []
  if (changed.length === 0 && removed.length === 0) return
  for (const slugs of chunks([...removed, ...changed.map(({ slug }) => slug)], CHUNK))
    await db.deleteFrom('category').where('slug', 'in', slugs).execute()
  for (const chunk of chunks(changed, CHUNK)) await db.insertInto('category').values(chunk).execute()
  await log.appendCategoryChange()
}

/**
 * Replaces the edits of a category, and appends a change if they differ from the stored ones.
 * @param db A transaction that has locked the catalog.
 * @param edits Undefined to remove them.
 * @returns Whether they differ.
 */
export async function replaceCategoryEdits(
  db: Transaction<Tables>,
  log: ChangeLog,
  slug: string,
  edits: CategoryInput | undefined
): Promise<boolean> {
  const stored = await db.selectFrom('category_edit').selectAll().where('slug', '=', slug).executeTakeFirst()
  const row = edits && {
    slug,
    name: edits.name ?? null,
    parent: edits.parent ?? null,
    position: edits.position ?? null
  }
  const isSame = row
    ? stored?.name === row.name && stored.parent === row.parent && stored.position === row.position
    : stored === undefined
  if (isSame) return false
  await db.deleteFrom('category_edit').where('slug', '=', slug).execute()
  if (row) await db.insertInto('category_edit').values(row).execute()
  await log.appendCategoryChange()
  return true
}

const toEdits = ({ name, parent, position }: Omit<Tables['category_edit'], 'slug'>): CategoryInput => ({
  ...(name !== null && { name }),
  ...(parent !== null && { parent }),
  ...(position !== null && { position })
})
