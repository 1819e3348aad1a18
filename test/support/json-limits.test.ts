import t from 'tap'
import { findExceededLimit } from '../../src/support/json-limits.js'

const limits = { depthMax: 3, valuesMax: 5 }

t.test('the limits count nesting and values, but not the content of strings', async (t) => {
  for (const [json, excess] of [
    ['[[[]]]', undefined],
    ['[[[[]]]]', 'depth'],
    ['[[],[],[]]', 'values'],
    ['[1,2,3,4,5]', undefined],
    ['[1,2,3,4,5,6]', 'values'],
    ['{"a":{"b":{}},"c":1}', undefined],
    ['"[[[[,,,,,,"', undefined],
    ['["\\"[[[[",1]', undefined],
    ['"never closed [[[[', undefined],
    ['', undefined]
  ] as const) {
    t.equal(findExceededLimit(Buffer.from(json), limits), excess, json)
  }
})
