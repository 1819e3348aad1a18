import { blocksOf } from './markdown.js'

/**
 * Returns the code blocks of a page below `docs`, for a service at another address.
 * @param page Such as `clients/java`.
 * @param language Of the blocks: `sh`, `python` and so on.
 * @param heading Only the blocks directly below this heading.
 * @throws {Error} if there is none.
 */
export function snippets(page: string, language: string, url: string, heading?: string): [string, ...string[]] {
  const [first, ...others] = blocksOf(`docs/${page}.md`)
    .filter((block) => block.language === language && (heading === undefined || block.heading === heading))
    .map(({ code }) => code.replaceAll('http://localhost:5000', url))
  if (first === undefined) throw new Error(`docs/${page}.md has no ${language}${heading ? ` below "${heading}"` : ''}`)
  return [first, ...others]
}
