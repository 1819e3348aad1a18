import { Tokenizer } from 'htmlparser2'

/** Elements that a browser does not show, or whose content is no text. */
const HIDDEN = new Set('script style template noscript iframe object svg head title'.split(' '))
/** Elements that start a line of their own. */
const BLOCKS = new Set(
  (
    'address article aside blockquote body br dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header ' +
    'hgroup hr html legend li main menu nav ol option pre section select summary table tbody tfoot thead tr ul'
  ).split(' ')
)
const CELLS = new Set(['td', 'th'])
const WHITE_SPACE = /[\s\u2800]+/gu
/** A tag or an entity. */
const HTML = /<[/!]?[a-z][^<>]*>|&(?:#\d+|#x[\da-f]+|[a-z]+\d*);/i

/** Returns whether a text looks like HTML: it has a tag or an entity. */
export const looksLikeHtml = (text: string): boolean => HTML.test(text)

/** Converts text to HTML that keeps its white space. */
export const textToHtml = (text: string): string =>
  `<pre>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</pre>`

/**
 * Converts HTML to plain text. Omits hidden elements with their content. A block ends its line, and a paragraph is followed by a blank line.
 * Decodes entities once, and collapses white space outside of preformatted text.
 *
 * It uses the tokenizer only, because the time of the parser is quadratic in the number of open elements.
 */
export function htmlToText(html: string): string {
  const writer = new TextWriter()
  /** The hidden element that contains the current position, and how many elements of its name are open. */
  let hidden = ''
  let depth = 0

  function open(name: string): void {
    if (name === hidden) depth++
    // The end tag of a head is optional.
    if (name === 'body' && hidden === 'head') depth = 0
    if (depth === 0) hidden = ''
    if (hidden !== '') return
    if (HIDDEN.has(name)) {
      hidden = name
      depth = 1
    } else breakLine(name, true)
  }

  function close(name: string): void {
    if (name === hidden && --depth === 0) hidden = ''
    else if (hidden === '') breakLine(name)
  }

  function breakLine(name: string, isStart = false): void {
    if (name === 'pre') writer.keepsSpace = isStart
    if (name === 'p') writer.endLine(2)
    else if (BLOCKS.has(name)) writer.endLine(1)
    else if (CELLS.has(name)) writer.write(' ')
  }

  const nameAt = (start: number, end: number) => html.slice(start, end).toLowerCase()
  const write = (text: string) => hidden === '' && writer.write(text)
  let opened = ''
  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: true },
    {
      onopentagname(start, end) {
        opened = nameAt(start, end)
        open(opened)
      },
      onclosetag: (start, end) => close(nameAt(start, end)),
      onselfclosingtag: () => opened === hidden && close(opened),
      ontext: (start, end) => write(html.slice(start, end)),
      ontextentity: (codePoint) => write(String.fromCodePoint(codePoint)),
      ...IGNORED
    }
  )
  tokenizer.write(html)
  tokenizer.end()
  return writer.text
}

const ignore = () => {}
const IGNORED = {
  onattribdata: ignore,
  onattribend: ignore,
  onattribentity: ignore,
  onattribname: ignore,
  oncdata: ignore,
  oncomment: ignore,
  ondeclaration: ignore,
  onend: ignore,
  onopentagend: ignore,
  onprocessinginstruction: ignore
}

/** Writes text with collapsed white space. */
class TextWriter {
  text = ''
  /** Whether the text is preformatted, so that its white space is kept. */
  keepsSpace = false
  #lineEnds = 0
  #isAfterSpace = false

  write(text: string): void {
    if (this.keepsSpace) {
      this.#append(text)
      this.#isAfterSpace = false
      return
    }
    const collapsed = text.replace(WHITE_SPACE, ' ')
    const words = collapsed.trim()
    this.#isAfterSpace ||= collapsed.startsWith(' ')
    if (words === '') return
    this.#append(words)
    this.#isAfterSpace = collapsed.endsWith(' ')
  }

  #append(text: string): void {
    if (this.text !== '') this.text += this.#lineEnds > 0 ? '\n'.repeat(this.#lineEnds) : this.#isAfterSpace ? ' ' : ''
    this.text += text
    this.#lineEnds = 0
  }

  /** Ends the line before the next text, with at least this number of line ends. */
  endLine(lineEnds: number): void {
    this.#lineEnds = Math.max(this.#lineEnds, lineEnds)
  }
}
