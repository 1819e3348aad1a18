import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import t from 'tap'
import { TemporaryFile } from '../../src/support/temporary-file.js'

const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('catalog-'))

t.test('bytes can be read again, in any order, and no file is left', async (t) => {
  const before = folders()
  const file = new TemporaryFile()
  const texts = ['one', '', 'three'.repeat(10_000)]
  const ranges = []
  for (const text of texts) ranges.push(await file.append(Buffer.from(text)))

  t.strictSame(
    folders().filter((name) => !before.includes(name)),
    [],
    'the file has no name while it is used'
  )
  for (const i of [2, 0, 1]) {
    const range = ranges[i]
    if (range) t.equal(Buffer.from(await file.read(range)).toString(), texts[i])
  }
  await file.close()
})

t.test('a file that was never used can be closed', async (t) => {
  await t.resolves(new TemporaryFile().close())
})
