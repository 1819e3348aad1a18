import { cp, readFile, writeFile } from 'node:fs/promises'
import type { OpenAPIV3 } from 'openapi-types'
import t from 'tap'
import { parse } from 'yaml'
import { operations } from '../../clients/typescript/src/generated/operations.js'
import { renderOperations, renderTypes } from '../../tools/client/render.js'
import { renderOpenapi } from '../../tools/render-openapi.js'
import { createFolder } from '../helpers/folder.js'
import { command, TestProcess } from '../helpers/process.js'

const GENERATED = ['src/generated/types.ts', 'src/generated/operations.ts', 'package.json', 'LICENSE']
const document = parse(await renderOpenapi()) as OpenAPIV3.Document
const read = (path: string) => readFile(`clients/typescript/${path}`, 'utf8')

t.test('the committed client matches the document', async (t) => {
  t.equal(await read('src/generated/types.ts'), renderTypes(document), 'run `npm run client`')
  t.equal(await read('src/generated/operations.ts'), renderOperations(document), 'run `npm run client`')
})

t.test('`npm run client` writes the client with the version and license of the service', async (t) => {
  const folder = createFolder(t)
  await cp('clients/typescript/src', `${folder}/clients/typescript/src`, { recursive: true })
  await cp('LICENSE', `${folder}/LICENSE`)
  const old = JSON.stringify({ ...JSON.parse(await read('package.json')), version: '0.0.1' })
  await writeFile(`${folder}/clients/typescript/package.json`, old)
  await writeFile(`${folder}/clients/typescript/src/generated/types.ts`, '')

  t.match(await new TestProcess(t, command('tools/client.js'), {}, { cwd: folder }).finished, { code: 0 })

  for (const path of GENERATED) {
    t.equal(await readFile(`${folder}/clients/typescript/${path}`, 'utf8'), await read(path), path)
  }
  const { version } = JSON.parse(await readFile('package.json', 'utf8'))
  t.equal(JSON.parse(await read('package.json')).version, version)
})

t.test('the client has every operation of the document under the same name', async (t) => {
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods as Record<string, OpenAPIV3.OperationObject>).map(({ operationId }) => operationId)
  )
  t.strictSame(Object.keys(operations).sort(), ids.sort())
})

t.test('the generator supports OpenAPI features that the document does not use', async (t) => {
  const small = {
    openapi: '3.0.3',
    info: { title: 'Small', version: '1' },
    paths: {
      '/things/{id}': {
        put: {
          operationId: 'putThing',
          description: 'Ends */ nothing.',
          requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
          responses: { 204: { description: 'Done.' } }
        }
      }
    },
    components: {
      schemas: { Thing: { type: 'object', properties: { a: { type: 'array', items: {} }, b: { default: 1 } } } }
    }
  } as unknown as OpenAPIV3.Document

  t.match(renderTypes(small), 'export interface Thing {\n  a?: unknown[]\n  /** Default: `1`. */\n  b?: unknown\n}\n')
  t.match(
    renderTypes(small),
    'export interface PutThingParameters {\n  /** Body of the request. */\n  body?: Thing | undefined\n}\n'
  )
  t.match(renderOperations(small), 'Ends *\\/ nothing.')
  t.match(renderOperations(small), 'needsToken: false')
  t.match(
    renderOperations(small),
    'putThing(parameters: PutThingParameters = {}, options?: RequestOptions): Promise<void>'
  )
})
