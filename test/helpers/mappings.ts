import { readFileSync, writeFileSync } from 'node:fs'
import type { Test } from 'tap'
import type { SourceMapping } from '../../schemas/source-mapping.js'
import type { SourceSettings } from '../../src/sync/sources/source-kind.js'
import { createFolder } from './folder.js'

/** A mapping of records such as `{"id": 1, "title": "Mug", "price": 5}`. */
export const simpleMapping: SourceMapping = { fields: { externalId: '/id', title: '/title', price: '/price' } }

/** Returns a mapping with other properties and fields. */
export const mappingWith = (fields: object, others: object = {}): SourceMapping => ({
  ...others,
  fields: { ...simpleMapping.fields, ...fields }
})

/** Returns records for `simpleMapping`. */
export const simpleRecords = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: i + 1, title: `Product ${i + 1}`, price: i + 1 }))

/** Writes a mapping to a file. @returns Its path. */
export function writeMapping(t: Test, mapping: unknown): string {
  const path = `${createFolder(t)}/mapping.json`
  writeFileSync(path, typeof mapping === 'string' ? mapping : JSON.stringify(mapping))
  return path
}

/** Reads a fixture with a list of records. */
export const readRecords = (name: string): object[] =>
  JSON.parse(readFileSync(`test/helpers/fixtures/${name}`, 'utf8')) as object[]

export const settingsOf = (mapping: SourceMapping): SourceSettings => ({
  url: 'https://shop.example/products',
  currency: 'EUR',
  mapping
})
