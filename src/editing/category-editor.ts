import type { Category, CategoryInput } from '../../schemas/category.js'
import { CategoryTree, type StoredCategories } from '../products/category-tree.js'
import { readCategories, replaceCategoryEdits } from '../store/categories.js'
import type { ChangeAuthor } from '../store/change-log.js'
import type { ProductStore } from '../store/products.js'
import { CategoryCycleError, CategoryNotFoundError, UnknownParentError } from './errors.js'

/** The slugs that products name, ascending, and the number of products that name each. */
export interface UsedCategories {
  slugs: readonly string[]
  counts: ArrayLike<number>
}

/** A category after a write. */
export interface WrittenCategory {
  category: Category
  isNew: boolean
  /** The revision of the change; undefined if the write has changed nothing. */
  revision: number | undefined
}

/** Sets and removes the edits of categories. */
export class CategoryEditor {
  readonly #products: ProductStore
  readonly #getUsed: () => Promise<UsedCategories>

  /**
   * @param getUsed Returns the categories that products name now. They come from the index in memory, because a query would read all
   *   products. If a product leaves its category before the write, the tree ignores an edit whose parent does not exist any more.
   */
  constructor(products: ProductStore, getUsed: () => Promise<UsedCategories>) {
    this.#products = products
    this.#getUsed = getUsed
  }

  /**
   * Replaces the edits of a category. Creates the category if it does not exist.
   * @throws {UnknownParentError}
   * @throws {CategoryCycleError}
   */
  async replace(slug: string, edits: CategoryInput, author: ChangeAuthor): Promise<WrittenCategory> {
    const used = await this.#getUsed()
    return await this.#products.write(author, async ({ log }, db) => {
      const stored = await readCategories(db)
      const before = new CategoryTree(used.slugs, stored)
      if (edits.parent) requireParent(before, slug, edits.parent)
      const after = new CategoryTree(used.slugs, withEdits(stored, slug, edits))
      const category = after.describe(used.counts).find((one) => one.slug === slug) as Category
      // Another edit, which has had no effect so far, would form a cycle with this one.
      if (edits.parent && category.parent !== edits.parent) throw new CategoryCycleError([slug, edits.parent])
      const hasChanged = await replaceCategoryEdits(db, log, slug, edits)
      return { category, isNew: !before.has(slug), revision: hasChanged ? log.revision : undefined }
    })
  }

  /**
   * Removes the edits of a category, which then has the values of its source again. A category that only an editor has set disappears.
   * @returns The revision of the change; undefined if there was no edit.
   * @throws {CategoryNotFoundError}
   */
  async revert(slug: string, author: ChangeAuthor): Promise<number | undefined> {
    const { slugs } = await this.#getUsed()
    return await this.#products.write(author, async ({ log }, db) => {
      const tree = new CategoryTree(slugs, await readCategories(db))
      if (!tree.has(slug)) throw new CategoryNotFoundError(slug)
      return (await replaceCategoryEdits(db, log, slug, undefined)) ? log.revision : undefined
    })
  }
}

const withEdits = ({ source, edits }: StoredCategories, slug: string, changed: CategoryInput): StoredCategories => ({
  source,
  edits: new Map(edits).set(slug, changed)
})

/**
 * @throws {UnknownParentError}
 * @throws {CategoryCycleError} if the parent is the category itself or one of its descendants.
 */
function requireParent(tree: CategoryTree, slug: string, parent: string): void {
  if (!tree.has(parent)) throw new UnknownParentError(parent)
  const path = tree.pathToTop(parent)
  const end = path.indexOf(slug)
  if (end >= 0) throw new CategoryCycleError([slug, ...path.slice(0, end)])
}
