import type { CategoryStep } from '../products/categories.js'
import type { SourceCategory } from '../products/category-tree.js'

/** The names and parents of one category, each with the number of products that give it. */
interface Descriptions {
  names: Map<string, number>
  /** The empty text stands for the top level. */
  parents: Map<string, number>
}

/**
 * The categories in the paths of a source's products. If products give a category different names or parents, the one that most products
 * give counts. Of several with the same number, the first by UTF-16 code units counts. So the order of the products has no effect.
 */
export class SourceCategories {
  readonly #found = new Map<string, Descriptions>()

  /** Adds the path of one product, the root first. */
  add(path: readonly CategoryStep[]): void {
    for (const [depth, { slug, name }] of path.entries()) {
      const found = this.#find(slug)
      increase(found.names, name)
      increase(found.parents, path[depth - 1]?.slug ?? '')
    }
  }

  /** Adds the paths of other products. */
  addAll(others: SourceCategories): void {
    for (const [slug, { names, parents }] of others.#found) {
      const found = this.#find(slug)
      for (const [name, count] of names) increase(found.names, name, count)
      for (const [parent, count] of parents) increase(found.parents, parent, count)
    }
  }

  #find(slug: string): Descriptions {
    let found = this.#found.get(slug)
    if (!found) {
      found = { names: new Map(), parents: new Map() }
      this.#found.set(slug, found)
    }
    return found
  }

  /** Returns the categories, each once. */
  list(): SourceCategory[] {
    return [...this.#found].map(([slug, { names, parents }]) => {
      return { slug, name: mostFrequent(names), parent: mostFrequent(parents) || undefined }
    })
  }
}

function increase(counts: Map<string, number>, value: string, by = 1): void {
  counts.set(value, (counts.get(value) ?? 0) + by)
}

function mostFrequent(counts: ReadonlyMap<string, number>): string {
  const [first] = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)) as [[string, number]]
  return first[0]
}
