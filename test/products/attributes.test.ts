import t from 'tap'
import { distinctAttributes, parseAttribute, toAttributeKeys } from '../../src/products/attributes.js'
import { startApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { mug } from '../helpers/local-products.js'

const red = { name: 'Color', value: 'red' }

t.test('repeated and empty attributes are removed', async (t) => {
  const attributes = [red, { name: 'Color', value: 'blue' }, { value: 'red', name: 'Color' }, { name: '', value: 'x' }]
  t.strictSame(distinctAttributes([...attributes, { name: 'Color', value: '' }]), attributes.slice(0, 2))
})

t.test('an attribute and an option with the same value have one key', async (t) => {
  t.strictSame(toAttributeKeys({ attributes: [red], options: [{ name: 'Color', values: ['red', 'blue'] }] }), [
    'Color:red',
    'Color:blue'
  ])
})

t.test('the first colon separates the name from the value', async (t) => {
  t.strictSame(parseAttribute(' Screen  size :16:9 '), { name: 'Screen size', value: '16:9' })
  t.equal(parseAttribute('Color'), undefined)
})

onOneEngine('the names and values of attributes are normalized, and a name has no colon', async (t) => {
  const app = await startApp(t)
  const create = (attributes: unknown) => app.request('/products', { method: 'POST', json: { ...mug, attributes } })
  for (const [attributes, pointer] of [
    [[red, { name: 'a:b', value: 'x' }], '/attributes/1/name'],
    [[{ name: '\u200b', value: 'x' }], '/attributes/0/name'],
    [[{ name: 'x', value: ' ' }], '/attributes/0/value'],
    [[{ name: 'x' }], '/attributes/0/value'],
    [[{ ...red, unit: 'x' }], '/attributes/0/unit'],
    [Array.from({ length: 51 }, (_, i) => ({ name: 'x', value: `${i}` })), '/attributes']
  ] as const) {
    t.match(await create(attributes), { status: 400, body: { errors: [{ pointer }] } }, pointer)
  }
  const { body } = await create([
    { value: ' r\u200be\u0301d', name: 'Color ' },
    { name: 'Color', value: 'réd' }
  ])
  t.strictSame(body.attributes, [{ name: 'Color', value: 'réd' }])
  t.equal((await app.request('/products?attribute=Color%20:%20re\u0301d')).body.total, 1)
})
