/** A word of a search. */
export interface AskedWord {
  word: string
  /** Whether it also matches words that begin with it. */
  isPrefix: boolean
}

interface Piece {
  text: string
  kind: 'letters' | 'digits' | 'ideographs'
  /** The characters between the previous piece and this one. */
  before: string
}

/** Returns a text without the differences that a search ignores. */
export function plain(text: string): string {
  let folded = ''
  for (const character of text.normalize('NFC')) {
    if (/\p{Default_Ignorable_Code_Point}/u.test(character)) continue
    folded += /['`´‘’‛′]/.test(character) ? "'" : plainLetter(character)
  }
  return folded.normalize('NFC')
}

function plainLetter(character: string): string {
  const known: Record<string, string> = {
    ß: 'ss',
    ẞ: 'ss',
    ς: 'σ',
    ø: 'o',
    Ø: 'o',
    ł: 'l',
    Ł: 'l',
    æ: 'ae',
    Æ: 'ae',
    đ: 'd'
  }
  if (known[character]) return known[character]
  const [base = '', ...marks] = character.normalize('NFKD')
  const hasAccents = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u.test(base)
  const kept = hasAccents ? marks.filter((mark) => !/\p{M}/u.test(mark)) : marks
  return [base, ...kept].map((letter) => letter.toUpperCase().toLowerCase()).join('')
}

/** Divides a text into its smallest pieces, character by character. */
function toPieces(text: string): Piece[] {
  const pieces: Piece[] = []
  let before = ''
  for (const character of plain(text.replaceAll(/[™℠]/g, ' '))) {
    const kind = kindOf(character)
    const last = pieces.at(-1)
    if (kind === undefined) before += character
    else if (last?.kind === kind && before === '') last.text += character
    else {
      pieces.push({ text: character, kind, before })
      before = ''
    }
  }
  return mergeNumbers(pieces)
}

function kindOf(character: string): Piece['kind'] | undefined {
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]/u.test(character)) return 'ideographs'
  if (/\p{N}/u.test(character)) return 'digits'
  return /[\p{L}\p{M}]/u.test(character) ? 'letters' : undefined
}

/** Merges the two pieces of `1.5`. Dates and version numbers have more than two. */
function mergeNumbers(pieces: Piece[]): Piece[] {
  const isPoint = (piece: Piece | undefined, next: Piece | undefined) =>
    piece?.kind === 'digits' && next?.kind === 'digits' && /^[.,]$/.test(next.before)
  const merged: Piece[] = []
  for (const [i, piece] of pieces.entries()) {
    const isFraction =
      isPoint(pieces[i - 1], piece) && !isPoint(pieces[i - 2], pieces[i - 1]) && !isPoint(piece, pieces[i + 1])
    const whole = merged.at(-1)
    if (!isFraction || !whole) merged.push({ ...piece })
    else whole.text += (piece.text.length === 3 && /^[1-9]\d{0,2}$/.test(whole.text) ? '' : '·') + piece.text
  }
  return merged
}

/** Groups pieces that are written as one word, or that spaces separate if `isClose` returns true. */
function toGroups(pieces: Piece[], isClose: (a: Piece, b: Piece) => boolean): Piece[][] {
  const groups: Piece[][] = []
  for (const [i, piece] of pieces.entries()) {
    const previous = pieces[i - 1]
    const kinds = [previous?.kind, piece.kind]
    const isNext =
      previous !== undefined &&
      !kinds.includes('ideographs') &&
      (/^[-.]?$/.test(piece.before) ||
        (piece.before === "'" && piece.kind === 'letters') ||
        (/^[/&+_]$/.test(piece.before) && kinds.includes('letters')) ||
        (/^ +$/.test(piece.before) && isClose(previous, piece)))
    if (isNext) groups.at(-1)?.push(piece)
    else groups.push([piece])
  }
  return groups
}

const isGlued = ({ before }: Piece) => before === '' || before === "'"

/** Returns the words by which a search finds a text. In prose, a number is not joined to the word before. */
export function wordsOf(text: string, isProse = false): string[] {
  const isClose = (a: Piece, b: Piece) => (isProse ? a.kind === 'digits' && b.kind === 'letters' : a.kind !== b.kind)
  return toGroups(toPieces(text), isClose).flatMap((group) =>
    group.flatMap((piece, i) => {
      const { text, kind } = piece
      if (kind === 'ideographs') return [...text].map((_, at, all) => all.slice(at, at + 2).join(''))
      const next = group[i + 1]
      const toEnd = group.slice(i).map(({ text }) => text)
      const pair = next && (isGlued(next) || next.kind !== kind) ? [text + next.text] : []
      return [text, ...(text.includes('·') ? [text.split('·')[0] as string] : []), ...pair, toEnd.join('')]
    })
  )
}

export const barcodeWord = (barcode: string) => `barcode ${barcode.replaceAll(/[ -]/g, '')}`

/** Returns the words of a search: a product must contain one of each list. Returns undefined if it is blank. */
export function askedWords(text: string): AskedWord[][] | undefined {
  if (text.trim() === '') return undefined
  const groups = toGroups(toPieces(text), (a, b) => a.kind === 'digits' && b.kind === 'digits')
  const asked = groups.flatMap((group, i) => {
    const isLast = i === groups.length - 1
    const first = group[0] as Piece
    if (first.kind === 'ideographs') {
      const pairs = wordsOf(first.text).filter((pair) => [...pair].length === 2)
      return (pairs.length > 0 ? pairs : [first.text]).map((word) => [{ word, isPrefix: [...word].length === 1 }])
    }
    const units: string[] = []
    for (const [at, piece] of group.entries()) {
      if (at > 0 && isGlued(piece)) units[units.length - 1] += piece.text
      else units.push(piece.text)
    }
    return units.map((word, at) => {
      const written = { word, isPrefix: isLast && at === units.length - 1 }
      const words = units.length > 1 ? [written, { word: units.join(''), isPrefix: isLast }] : [written]
      const barcodes = words.filter(({ word }) => /\d/.test(word) && word.length > 5)
      return [...words, ...barcodes.map(({ word, isPrefix }) => ({ word: barcodeWord(word), isPrefix }))]
    })
  })
  const isRepeated = (words: AskedWord[], i: number) =>
    asked
      .slice(i + 1)
      .some((other) => other.map(({ word }) => word).join(' ') === words.map(({ word }) => word).join(' '))
  return asked.filter((words, i) => !isRepeated(words, i))
}
