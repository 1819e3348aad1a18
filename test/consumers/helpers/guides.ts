import { readFileSync } from 'node:fs'

const guides = readFileSync('README.md', 'utf8') + readFileSync('docs/clients.md', 'utf8')

/**
 * Returns the code blocks that README.md or docs/clients.md has below a heading, for a service at another address.
 * @param language Of the blocks: `sh`, `python` and so on.
 * @throws if there is none.
 */
export function snippets(heading: string, language: string, url: string): [string, ...string[]] {
  const start = new RegExp(`\n##+ ${heading.replace(/\W/g, '\\$&')}\n`)
  const section = guides.split(start)[1]?.split(/\n##/)[0] ?? ''
  const blocks = section.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))
  const [first, ...others] = [...blocks].map(([, code]) => (code as string).replaceAll('http://localhost:5000', url))
  if (first === undefined) throw new Error(`No guide has ${language} below "${heading}"`)
  return [first, ...others]
}
