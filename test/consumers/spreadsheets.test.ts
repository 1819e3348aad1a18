/* Programs that open an export and save it again: LibreOffice and pandas. */
import { readFileSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { ServiceInfo } from '../../schemas/service.js'
import type { ImportReport } from '../../schemas/transfer.js'
import { createFolder } from '../helpers/folder.js'
import { run } from './helpers/client.js'
import { installDebian } from './helpers/debian.js'
import { python, versionOfPackage } from './helpers/python.js'
import { report, reportNotRun } from './helpers/report.js'
import { type Service, signIn, startService } from './helpers/service.js'

const SOFFICE = '/usr/bin/soffice'

/** Texts that programs change if nothing marks them. */
const texts = [
  ...['00123', '4006381333931', '253017000000000', '1E5', '1e-7', '0.50', '.5', '5.', '1,234.50', '1.234,50', '1 000'],
  ...['5%', '$5', '5 €', '5 USD', '(5)', '1/2', '10-11-12', '1.2.2024', '2026-11-26', '2026-11-26T10:00:00.000Z'],
  ...['March 1', 'MAR1', 'SEPT2', 'DEC-12', 'Jan 2026', '1. Mai', '12 août', 'MAI-12', '26-Jan', '10:30', '5pm'],
  ...['TRUE', 'true', 'wahr', 'NA', 'N/A', 'null', 'None', 'NaN', '-nan', 'inf', '#N/A', '#NAME?', '####'],
  ...['=1+1', '+49 30 1234', '-5', '- 5', '@SUM(1)', "'n Roll", "'00123", "''", '１２３'],
  ...['KX-0001', 'a;b', 'a,b', 'a\tb', '"quoted"', 'a\nb', 'Möbel', '家具', '🦄', 'x'.repeat(9000)]
]

/** Fills the catalog with products that have these texts in every field that can hold any. */
async function fill(service: Service, token: string): Promise<void> {
  const rows = texts.map((text, i) => ({
    // White space within an SKU is normalized.
    sku: text.length > 100 || /[\t\n]/.test(text) ? `KX ${i}` : text,
    title: text.slice(0, 300),
    description: text,
    category: 'spreadsheets',
    brand: text.slice(0, 200),
    price: 1234.56 + i,
    weight: 1.234,
    dimensions: { width: 13.850000000000001, height: 0.1234567890123456, depth: 1000 },
    tags: text.length > 100 ? [] : [text, `${text}|`],
    thumbnail: 'https://images.example/1.webp',
    warranty: text.slice(0, 1000),
    barcode: text.slice(0, 100)
  }))
  const body = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  const { created } = await importFile(service, token, body, 'application/x-ndjson')
  t.equal(created, texts.length)
}

async function importFile(
  { url }: Service,
  token: string,
  body: string | Uint8Array<ArrayBuffer>,
  type = 'text/csv'
): Promise<ImportReport> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': type }
  const response = await fetch(`${url}/products/import?mode=each`, { method: 'POST', headers, body })
  t.equal(response.status, 200)
  return (await response.json()) as ImportReport
}

/** Starts a service, and writes an export of it to `products.csv` in a new folder. */
async function exportCatalog(t: Test) {
  const service = await startService(t)
  const token = await signIn(service)
  await fill(service, token)
  const folder = createFolder(t)
  const headers = { authorization: `Bearer ${token}`, accept: 'text/csv' }
  const response = await fetch(`${service.url}/products/export`, { headers })
  writeFileSync(`${folder}/products.csv`, Buffer.from(await response.arrayBuffer()))
  const { catalog } = (await (await fetch(`${service.url}/`)).json()) as ServiceInfo
  return { service, token, folder, products: catalog.products }
}

/** Checks that the import of a file changes nothing. @returns The number of failures. */
async function checkUnchanged(t: Test, service: Service, token: string, file: string, products: number, name: string) {
  const { rows, unchanged, refusals } = await importFile(service, token, readFileSync(file))
  t.strictSame(refusals, [], name)
  t.strictSame({ rows, unchanged }, { rows: products, unchanged: products }, name)
  return rows === products && unchanged === products ? 0 : 1
}

t.test('LibreOffice saves an export so that importing it changes nothing', async (t) => {
  if (!installDebian(SOFFICE, 'libreoffice-calc-nogui')) return reportNotRun('LibreOffice', 'it is not installed')
  const { service, token, folder, products } = await exportCatalog(t)
  const version = (await run(SOFFICE, ['--version'])).match(/[\d.]+/)?.[0] ?? ''
  const profile = `-env:UserInstallation=file://${folder}/profile`
  const convert = async (input: string, output: string, options: string[]) => {
    await run(SOFFICE, [profile, '--headless', ...options, '--outdir', `${folder}/${output}`, `${folder}/${input}`])
    return `${folder}/${output}/products.csv`
  }
  let failures = 0
  const check = async (file: string, name: string) => {
    failures += await checkUnchanged(t, service, token, file, products, name)
  }
  await check(await convert('products.csv', 'defaults', ['--convert-to', 'csv']), 'without options')
  // The numbers are ASCII codes and Windows' ids of languages. See "Filter Options for CSV" in the help of LibreOffice.
  for (const [language, id] of Object.entries({ English: 1033, German: 1031, French: 1036 })) {
    for (const [separator, code] of Object.entries({ comma: 44, semicolon: 59, tab: 9 })) {
      const name = `${language}, ${separator}, numbers and dates detected`
      const read = `--infilter=CSV:44,34,76,1,,${id},false,true`
      const write = `csv:Text - txt - csv (StarCalc):${code},34,76,1,,${id},false,true`
      await check(await convert('products.csv', name.replaceAll(/\W+/g, '-'), [read, '--convert-to', write]), name)
    }
  }
  const sheet = ['--infilter=CSV:44,34,76,1,,1033,false,true', '--convert-to', 'xlsx']
  await convert('products.csv', 'sheet', sheet)
  await check(
    await convert('sheet/products.xlsx', 'from-sheet', [
      '--convert-to',
      'csv:Text - txt - csv (StarCalc):44,34,76,1,,1033'
    ]),
    'as XLSX'
  )
  const marked = readFileSync(`${folder}/products.csv`, 'utf8')
  writeFileSync(`${folder}/products.csv`, marked.replaceAll(/(?<=[,"])'(?=[^,'])/g, ''))
  const saved = await convert('products.csv', 'unmarked', [
    '--infilter=CSV:44,34,76,1,,1033,false,true',
    '--convert-to',
    'csv'
  ])
  const { updated, refused } = await importFile(service, token, readFileSync(saved))
  t.ok(updated + refused > 15, `without the marks, ${updated} products are different and ${refused} are refused`)
  report('LibreOffice', version, 2, failures)
})

t.test('pandas saves an export so that importing it changes nothing', async (t) => {
  const { service, token, folder, products } = await exportCatalog(t)
  const interpreter = await python()
  let failures = 0
  for (const [name, save] of Object.entries({
    'without options': 'to_csv("saved.csv")',
    'without an index': 'to_csv("saved.csv", index=False)',
    'in German': 'to_csv("saved.csv", index=False, sep=";", decimal=",")'
  })) {
    await run(interpreter, ['-c', `import pandas; pandas.read_csv("products.csv").${save}`], { cwd: folder })
    failures += await checkUnchanged(t, service, token, `${folder}/saved.csv`, products, name)
  }
  report('pandas', versionOfPackage('pandas'), 2, failures)
})
