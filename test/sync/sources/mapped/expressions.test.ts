import t from 'tap'
import { ExpressionError, Expressions, parseExpression } from '../../../../src/sync/sources/mapped/expressions.js'
import { mappingWith } from '../../../helpers/mappings.js'

const evaluate = (text: string, input: unknown = {}) => parseExpression(text).evaluate(input)

t.test('expressions reach neither prototypes nor modules nor the environment', async (t) => {
  const input = JSON.parse('{"text":"a","list":[1],"__proto__":{"own":1}}')
  for (const text of [
    '$.constructor',
    'text.constructor',
    'list.constructor',
    '$lookup($, "constructor")',
    '$sum.constructor',
    'toString',
    'constructor.constructor("return process")()',
    '$map.implementation.constructor("return process")()',
    'process.env',
    '$process.env'
  ])
    t.equal(await evaluate(text, input).catch(() => undefined), undefined, text)
  for (const text of ['$require("fs")', 'require("fs")', '$import("fs")', '$fetch("http://127.0.0.1")'])
    await t.rejects(evaluate(text, input), { code: 'T1006' }, text)
  for (const text of [
    '$ ~> |$|{"__proto__": {"polluted": 1}}|',
    '$merge([{"__proto__": {"polluted": 1}}])',
    '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}',
    '$ ~> |constructor.prototype|{"polluted": 1}|',
    '$ ~> |__proto__|{"polluted": 1}|'
  ]) {
    await evaluate(text, input)
    t.notOk('polluted' in {}, text)
  }
})

t.test('an expression that is not valid is explained with its position', async (t) => {
  t.throws(() => parseExpression('a.(b'), new ExpressionError('Expected ")" before end of expression, at character 4'))
  t.throws(() => parseExpression('"a'), { name: 'ExpressionError', message: /at character/ })
})

t.test('the results are those of the record and of each variant', async (t) => {
  const [title, sku] = [{ jsonata: 'a & b' }, { jsonata: '$uppercase(id)' }]
  const mapping = mappingWith(
    { title },
    { variants: { records: '/v', options: { Size: '/s' }, fields: { sku, barcode: '/b' } } }
  )
  const expressions = new Expressions(mapping)
  t.notOk(expressions.isEmpty)

  const { record, variants } = await expressions.evaluate({ a: 'x', b: 'y', v: [{ id: 'p' }, { id: 5 }] })

  t.strictSame(record.get(title), { value: 'xy' })
  t.strictSame(variants[0]?.get(sku), { value: 'P' })
  t.match(variants[1]?.get(sku), { problem: /^could not be computed: Argument 1/ })
  t.strictSame((await expressions.evaluate({ v: 5 })).variants, [])
  t.ok(new Expressions(mappingWith({})).isEmpty)
})

t.test('an expression that does not end, or whose lists grow, is ended', async (t) => {
  const evaluateField = (jsonata: string) => new Expressions(mappingWith({ title: { jsonata } })).evaluate({ id: 7 })
  await t.rejects(evaluateField('($f := function($x) { $f($x) }; $f(1))'), {
    name: 'SourceError',
    reason: 'timeout',
    message: /expression at \/fields\/title of SOURCE_MAPPING takes longer than 1000 ms for the record 7$/
  })
  for (const text of [
    '($f := function($x) { 1 + $f($x) }; $f(1))',
    '($f := function($x) { $f($append($x, $x)) }; $f([1]))'
  ])
    t.match([...(await evaluateField(text)).record.values()], [{ problem: /could not be computed/ }])
})
