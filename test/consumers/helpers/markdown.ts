import { readFileSync } from 'node:fs'

/** A fenced code block of a page. */
export interface Block {
  language: string
  code: string
  /** Texts of the comments directly above the fence, such as `not run: needs Docker`. */
  markers: string[]
  /** The heading above it. */
  heading: string
}

/** Returns the code blocks of a Markdown file, in their order. @throws {Error} if it has an unsupported fence. */
export function blocksOf(file: string): Block[] {
  const page = readFileSync(file, 'utf8')
  const blocks = [...page.matchAll(/((?:^<!-- .*? -->\n+)*)^```(\w*)\n(.*?)^```$/gms)].map(
    ({ 1: comments = '', 2: language = '', 3: code = '', index }) => ({
      language,
      code,
      markers: [...comments.matchAll(/<!-- (.*?) -->/g)].map(([, marker = '']) => marker),
      heading: [...page.slice(0, index).matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? ''
    })
  )
  // An indented fence, as in a list, would hide its commands from the tests.
  if ([...page.matchAll(/^ *(```|~~~)/gm)].length !== 2 * blocks.length)
    throw new Error(`${file} has indented or unclosed code fences. Use unindented pairs of \`\`\`.`)
  return blocks
}

/** Returns the value of a marker: '' if it has no colon, undefined if the block does not have it. */
export function marked({ markers }: Block, name: string): string | undefined {
  const marker = markers.find((text) => text === name || text.startsWith(`${name}: `))
  return marker?.slice(name.length + 2)
}
