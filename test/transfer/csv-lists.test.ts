import fc from 'fast-check'
import t from 'tap'
import { joinAttributes, joinOptions, splitAttributes, splitOptions } from '../../src/transfer/csv-lists.js'
import { requireEqual } from '../helpers/properties.js'

const text = fc
  .string({ unit: fc.constantFrom(...'a:|\\, \n"é'.split('')), minLength: 1 })
  .map((text) => text.trim())
  .filter((text) => text !== '')
const name = text.map((text) => text.replaceAll(':', '').trim()).filter((text) => text !== '')

t.test('attributes survive writing and reading', async (t) => {
  t.equal(
    joinAttributes([
      { name: 'Color', value: 'red|blue' },
      { name: 'Ratio', value: '16:9' }
    ]),
    'Color: red\\|blue|Ratio: 16:9'
  )
  fc.assert(
    fc.property(fc.array(fc.record({ name, value: text })), (attributes) => {
      requireEqual(splitAttributes(joinAttributes(attributes)), attributes)
    })
  )
})

t.test('options survive writing and reading', async (t) => {
  t.equal(
    joinOptions([
      { name: 'Size', values: ['S', 'M'] },
      { name: 'Color', values: ['red'] }
    ]),
    'Size: S|Size: M|Color: red'
  )
  const option = fc.record({ name, values: fc.array(text, { minLength: 1, maxLength: 4 }) })
  fc.assert(
    fc.property(fc.uniqueArray(option, { selector: ({ name }) => name, maxLength: 4 }), (options) => {
      requireEqual(splitOptions(joinOptions(options)), options)
    })
  )
})

t.test('an item without a name or a value is returned', async (t) => {
  t.equal(splitAttributes('Color: red|blue'), 'blue')
  t.equal(splitOptions('Size:S| : M'), ': M')
  t.equal(splitAttributes('Size:'), 'Size:')
  t.strictSame(splitAttributes(' Size:S | | Size : M '), [
    { name: 'Size', value: 'S' },
    { name: 'Size', value: 'M' }
  ])
})
