import t from 'tap'
import { markText, unmarkText } from '../../src/transfer/spreadsheet-text.js'

/* Which of these LibreOffice and pandas change is tested in `test/consumers/spreadsheets.test.ts`. */

const atRisk = {
  'a number': [
    '00123',
    '4006381333931',
    '1E5',
    '1e-7',
    '1,234.50',
    '1 000',
    '.5',
    '5.',
    '12345678901234567890',
    '１２３'
  ],
  'an amount': ['5%', '$5', '€5', '5 €', '5 USD', 'CHF 5', '(5)', '¥5'],
  'a date': [
    ...['March 1', 'MAR1', 'SEPT2', 'DEC-12', '1/2', '10-11-12', '1.2.2024', '2026-11-26', 'Jan 2026', '1. Mai'],
    ...['12 août', 'Dez 5', 'MAI-12', '3 марта', '5 Mayıs', '2024年1月5日', '2026-11-26T10:00:00.000Z']
  ],
  'a time': ['10:30', '10:30 PM', '5pm', '5 p.m.'],
  'a boolean': ['TRUE', 'true', 'False', 'wahr', 'VRAI'],
  'a missing value': ['NA', 'N/A', 'n/a', 'null', 'None', 'NaN', '-nan', '<NA>', '#N/A', 'inf', '-Infinity', '1.#IND'],
  'an error value': ['#NAME?', '#REF!', '####', '#BEZUG!', 'Err:502'],
  'a formula': ['=1+1', '+49 30', '-5', '- 5', '@SUM(1)', ' =1', '\t1', '＝1'],
  'a marked text': ["'00123", "'n", "''"]
}
for (const [what, texts] of Object.entries(atRisk)) {
  t.test(`a text that looks like ${what} is marked, and restored`, (t) => {
    for (const text of texts) {
      t.equal(markText(text), `'${text}`)
      t.equal(unmarkText(markText(text)), text)
    }
    t.end()
  })
}

t.test('other texts stay as they are', (t) => {
  const texts = [
    'BEA-0001',
    'MUG 001',
    '500ml',
    '5 kg',
    '0x1F',
    'Q1',
    'May',
    'Marble 3',
    'Nana',
    'true love',
    '#1 seller',
    '',
    'v1.2'
  ]
  for (const text of texts) {
    t.equal(markText(text), text)
    t.equal(unmarkText(text), text)
  }
  t.end()
})

t.test('an apostrophe that marks nothing stays', (t) => {
  for (const cell of ["'47 Brand", "'n Roll", "'s Heeren"]) t.equal(unmarkText(cell), cell)
  t.equal(unmarkText("'"), '')
  t.end()
})
