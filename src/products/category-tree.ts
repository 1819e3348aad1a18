import type { Category, CategoryInput } from '../../schemas/category.js'
import { toCategoryName } from './categories.js'

/** A category as its source describes it. */
export interface SourceCategory {
  slug: string
  name: string
  /** The slug of the parent; undefined at the top level. */
  parent: string | undefined
  /** Its position in the list; undefined if the source gives none. */
  position?: number | undefined
}

/** The stored data of categories: the values of the source and the edits. */
export interface StoredCategories {
  source: readonly SourceCategory[]
  /** The edits of each category, by slug. A category that an editor has created has edits only. */
  edits: ReadonlyMap<string, CategoryInput>
}

/** The position of the parent of a category without one. */
const NONE = -1

/**
 * All categories of a catalog: those of its products, those of its source, and those that editors have set. It is immutable.
 *
 * Edits lie over the values of the source, per field. An edit of a parent has no effect while the parent does not exist, or while it is
 * part of a cycle, which can happen if the source changes afterwards. The parent of the source then applies.
 */
export class CategoryTree {
  /** The slugs of all categories, ascending by UTF-16 code units. */
  readonly slugs: readonly string[]
  readonly #stored: StoredCategories
  /** The position in `slugs` of each category that products name. */
  readonly #used: readonly number[]
  /** The position in `slugs` of the parent of each category. */
  readonly #parents: Int32Array
  /** Positions in `slugs`, each category directly before its descendants. Undefined if no category has a parent. */
  readonly #order: Uint32Array | undefined
  /** For each category, its position in `#order`, and the number of its descendants plus one. */
  readonly #starts: Uint32Array
  readonly #sizes: Uint32Array
  /** The categories of the source by slug. */
  readonly #fromSource: ReadonlyMap<string, SourceCategory>

  /** @param used The slugs that products name, ascending. */
  constructor(used: readonly string[], stored: StoredCategories) {
    const { source, edits } = stored
    const hasStored = source.length > 0 || edits.size > 0
    this.slugs = hasStored ? [...new Set([...used, ...source.map(({ slug }) => slug), ...edits.keys()])].sort() : used
    this.#stored = stored
    this.#fromSource = new Map(source.map((category) => [category.slug, category]))
    let position = 0
    this.#used = used.map((slug) => {
      while (this.slugs[position] !== slug) position++
      return position
    })
    this.#parents = this.#resolveParents()
    this.#starts = new Uint32Array(this.slugs.length)
    this.#sizes = new Uint32Array(this.slugs.length).fill(1)
    this.#order = this.#parents.every((parent) => parent === NONE) ? undefined : this.#sort()
  }

  has(slug: string): boolean {
    return this.#positionOf(slug) !== NONE
  }

  /** Returns the slugs from a category to the top level, the category first. Returns an empty list for an unknown category. */
  pathToTop(slug: string): string[] {
    const path: string[] = []
    for (let at = this.#positionOf(slug); at !== NONE; at = this.#parents[at] as number)
      path.push(this.slugs[at] as string)
    return path
  }

  /** Returns the name of a category. */
  nameOf(slug: string): string {
    return this.#stored.edits.get(slug)?.name ?? this.#fromSource.get(slug)?.name ?? toCategoryName(slug)
  }

  /** Returns the slugs and those of all their descendants, each once. Unknown slugs stay. */
  withDescendants(slugs: readonly string[]): readonly string[] {
    const order = this.#order
    if (!order) return slugs
    const all = slugs.flatMap((slug) => {
      const position = this.#positionOf(slug)
      if (position === NONE) return [slug]
      const start = this.#starts[position] as number
      const branch = order.subarray(start, start + (this.#sizes[position] as number))
      return Array.from(branch, (position) => this.slugs[position] as string)
    })
    return [...new Set(all)]
  }

  /**
   * Counts the products of each category and its descendants.
   * @param counts The products that name each category, in the order of the slugs that the constructor received.
   * @returns The counts in the order of `slugs`.
   */
  totals(counts: ArrayLike<number>): Uint32Array {
    const totals = new Uint32Array(this.slugs.length)
    for (let i = 0; i < this.#used.length; i++) totals[this.#used[i] as number] = counts[i] as number
    if (!this.#order) return totals
    // Each category comes after its descendants.
    for (let i = this.#order.length - 1; i >= 0; i--) {
      const position = this.#order[i] as number
      const parent = this.#parents[position] as number
      if (parent !== NONE) (totals[parent] as number) += totals[position] as number
    }
    return totals
  }

  /** Returns all categories in the order of `slugs`, those without products included. @param counts As for `totals`. */
  describe(counts: ArrayLike<number>): Category[] {
    const totals = this.totals(counts)
    return this.slugs.map((slug, i) => {
      const edits = this.#stored.edits.get(slug) ?? {}
      const { position } = { ...this.#fromSource.get(slug), ...edits }
      const parent = this.slugs[this.#parents[i] as number]
      return {
        slug,
        name: this.nameOf(slug),
        ...(parent !== undefined && { parent }),
        ...(position !== undefined && { position }),
        products: totals[i] as number,
        edited: Object.keys(edits).sort()
      }
    })
  }

  #positionOf(slug: string): number {
    let low = 0
    let high = this.slugs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.slugs[middle] as string) < slug) low = middle + 1
      else high = middle
    }
    return this.slugs[low] === slug ? low : NONE
  }

  /** Returns the position of each parent: the edited one if it exists, otherwise that of the source. The result has no cycle. */
  #resolveParents(): Int32Array {
    const { source, edits } = this.#stored
    const fromSource = new Int32Array(this.slugs.length).fill(NONE)
    for (const { slug, parent } of source)
      if (parent !== undefined) fromSource[this.#positionOf(slug)] = this.#positionOf(parent)
    const parents = fromSource.slice()
    const isEdited = new Uint8Array(this.slugs.length)
    for (const [slug, { parent }] of edits) {
      if (parent === undefined || (parent !== '' && !this.has(parent))) continue
      const position = this.#positionOf(slug)
      parents[position] = parent === '' ? NONE : this.#positionOf(parent)
      isEdited[position] = 1
    }
    for (;;) {
      const cycles = findCycles(parents)
      if (cycles.length === 0) return parents
      // The first edit of a cycle loses its effect. A cycle of the source alone is cut at its first category.
      for (const cycle of cycles) {
        const edited = cycle.find((position) => isEdited[position])
        const position = edited ?? (cycle[0] as number)
        parents[position] = edited === undefined ? NONE : (fromSource[position] as number)
        isEdited[position] = 0
      }
    }
  }

  /** Sets the start and size of each branch, and returns the order that they refer to. Does not recurse: a tree may be deep. */
  #sort(): Uint32Array {
    const roots: number[] = []
    const children = new Map<number, number[]>()
    for (let position = this.slugs.length - 1; position >= 0; position--) {
      const parent = this.#parents[position] as number
      const siblings = parent === NONE ? roots : (children.get(parent) ?? [])
      siblings.push(position)
      if (parent !== NONE) children.set(parent, siblings)
    }
    const order = new Uint32Array(this.slugs.length)
    const pending = roots
    for (let i = 0; i < order.length; i++) {
      const position = pending.pop() as number
      order[i] = position
      this.#starts[position] = i
      for (const child of children.get(position) ?? []) pending.push(child)
    }
    for (let i = order.length - 1; i >= 0; i--) {
      const position = order[i] as number
      const parent = this.#parents[position] as number
      if (parent !== NONE) (this.#sizes[parent] as number) += this.#sizes[position] as number
    }
    return order
  }
}

/** Returns the cycles among positions and their parents, each ascending. */
function findCycles(parents: Int32Array): number[][] {
  const cycles: number[][] = []
  /** The walk that has visited each position, counted from 1. */
  const visits = new Uint32Array(parents.length)
  for (let start = 0; start < parents.length; start++) {
    let position = start
    while (position !== NONE && visits[position] === 0) {
      visits[position] = start + 1
      position = parents[position] as number
    }
    if (position === NONE || visits[position] !== start + 1) continue
    const cycle = [position]
    for (let next = parents[position] as number; next !== position; next = parents[next] as number) cycle.push(next)
    cycles.push(cycle.sort((a, b) => a - b))
  }
  return cycles
}
