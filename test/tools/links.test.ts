import { existsSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'

const inDocs = (await readdir('docs', { recursive: true })).map((file) => `docs/${file}`)
const inRoot = await readdir('.')
const files = [...inRoot, ...inDocs, 'clients/typescript/README.md'].filter((file) => file.endsWith('.md'))

/** Returns the text without code, which may hold what looks like a link or a heading. */
const prose = (file: string) =>
  readFileSync(file, 'utf8')
    .replaceAll(/^```.*?^```/gms, '')
    .replaceAll(/`[^`\n]*`(?!\])/g, (code) => code.replaceAll(/[[\]()]/g, ''))

/** Returns the anchors of a file's headings, as GitHub makes them. */
function anchorsOf(file: string): string[] {
  const seen = new Map<string, number>()
  return [...prose(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
    const times = seen.get(anchor) ?? 0
    seen.set(anchor, times + 1)
    return times === 0 ? anchor : `${anchor}-${times}`
  })
}

t.test('every relative link and anchor of the documentation leads somewhere', async (t) => {
  t.ok(files.length > 20, `${files.length} files`)
  let links = 0
  for (const file of files) {
    for (const [, target = ''] of prose(file).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?|mailto):/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const linked = path === '' ? file : join(dirname(file), path)
      links++
      if (!existsSync(linked)) t.fail(`${file} links to ${target}`)
      else if (anchor !== undefined && !anchorsOf(linked).includes(anchor))
        t.fail(`${file} links to ${target}: no anchor`)
    }
  }
  t.ok(links > 50, `${links} links`)
})

t.test('every page is linked from the index of the documentation', async (t) => {
  const index = prose('docs/README.md')
  for (const page of inDocs.filter((file) => file.endsWith('.md') && file !== 'docs/README.md')) {
    t.ok(index.includes(`](${page.slice('docs/'.length)})`), page)
  }
})
