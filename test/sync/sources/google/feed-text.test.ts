import t from 'tap'
import { readText } from '../../../../src/sync/sources/google/feed-text.js'

async function read(bytes: Uint8Array, type = 'application/xml', size = 3): Promise<string> {
  async function* chunks() {
    for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
  }
  let text = ''
  for await (const chunk of readText(chunks(), { headers: { 'content-type': type } })) text += chunk
  return text
}

const declare = (encoding: string, text = 'Größe €') => `<?xml version="1.0" encoding="${encoding}"?><a>${text}</a>`
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16()

t.test('the text has the encoding that the feed declares', async (t) => {
  const latin = Buffer.from(declare('ISO-8859-1', 'Größe'), 'latin1')
  for (const [bytes, expected, type] of [
    [Buffer.from(declare('utf-8')), declare('utf-8')],
    [latin, latin.toString('latin1')],
    [Buffer.from(declare('windows-1252', 'x\x80'), 'latin1'), declare('windows-1252', 'x€')],
    [Buffer.from('\ufeffid\ttitle'), 'id\ttitle'],
    [Buffer.from('\ufeffGröße', 'utf16le'), 'Größe'],
    [utf16be('\ufeffGröße'), 'Größe'],
    [Buffer.from(declare('UTF-16'), 'utf16le'), declare('UTF-16')],
    [utf16be(declare('UTF-16')), declare('UTF-16')],
    [Buffer.from(declare('utf-16')), declare('utf-16'), 'text/xml'],
    [Buffer.from('Größe', 'latin1'), 'Größe', 'text/csv; charset="iso-8859-1"'],
    [Buffer.from('Größe'), 'Größe', 'text/csv'],
    [Buffer.from('Größe €'.repeat(500)), 'Größe €'.repeat(500)]
  ] as const)
    t.equal(await read(bytes, type), expected)
})

t.test('a body in another encoding than the declared one, or in an unknown one, is an error', async (t) => {
  await t.rejects(read(Buffer.from('Größe', 'latin1')), {
    name: 'SourceError',
    reason: 'invalid',
    detail: /not in the encoding utf-8/
  })
  await t.rejects(
    read(Buffer.from('Größe').subarray(0, 3)),
    { name: 'SourceError', reason: 'invalid' },
    'a character is cut'
  )
  await t.rejects(read(Buffer.from(declare('klingon'))), {
    name: 'SourceError',
    reason: 'invalid',
    detail: /unknown encoding klingon/
  })
})

t.test('blanks at the start are left out, and nothing follows an empty body', async (t) => {
  t.equal(await read(Buffer.from(`\n${' '.repeat(2000)}\r\n<a> </a>\n`)), '<a> </a>\n')
  t.equal(await read(Buffer.from(' \n')), '')
  t.equal(await read(Buffer.from('')), '')
})
