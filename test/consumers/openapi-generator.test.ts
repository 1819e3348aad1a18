import { copyFileSync, readFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import t, { type Test } from 'tap'
import { CLIENTS, checkNames, exercise, run, testClient } from './helpers/client.js'
import { DEPENDENCY, generate, VERSION } from './helpers/openapi-generator.js'
import { python } from './helpers/python.js'

// One client compiles while the other waits for the service.
t.jobs = 2

/** Programs that the generator needs. */
const GENERATOR = ['java', 'mvn']

/** Compiles a Java or Kotlin client and its program with Maven. @returns The arguments for `java`, without the class. */
async function build(folder: string, goal: string): Promise<string[]> {
  const options = ['-B', '-q', '-f', folder, goal, `${DEPENDENCY}:build-classpath`, '-Dmdep.outputFile=classpath.txt']
  await run('mvn', options)
  const classPath = readFileSync(`${folder}/classpath.txt`, 'utf8').trim()
  return ['-XX:TieredStopAtLevel=1', '-cp', `${folder}/target/classes${delimiter}${classPath}`]
}

/** Checks a client that this machine cannot compile: the names, and the syntax in some folders. */
async function checkSource(t: Test, type: string, client: string, folders: string[]): Promise<number> {
  checkNames(t, client, type)
  const options = [`${CLIENTS}/python/syntax.py`, type, ...folders.map((folder) => `${client}/${folder}`)]
  t.equal(await run(await python(), options), '', 'the syntax is right')
  return 0
}

testClient('OpenAPI Generator, Kotlin', VERSION, GENERATOR, async (t) => {
  const folder = `${await generate(t, 'clients/kotlin', 'Kotlin')}/catalog`
  checkNames(t, `${folder}/src/main`, '.kt')
  copyFileSync(`${CLIENTS}/kotlin/pom.xml`, `${folder}/pom.xml`)
  copyFileSync(`${CLIENTS}/kotlin/Consumer.kt`, `${folder}/src/main/kotlin/Consumer.kt`)
  return await exercise(t, ['java', ...(await build(folder, 'kotlin:compile')), 'ConsumerKt'])
})

testClient('OpenAPI Generator, Java', VERSION, GENERATOR, async (t) => {
  const folder = `${await generate(t, 'clients/java', 'Java')}/catalog`
  checkNames(t, `${folder}/src/main`, '.java')
  copyFileSync(`${CLIENTS}/java/pom.xml`, `${folder}/pom.xml`)
  copyFileSync(`${CLIENTS}/java/Consumer.java`, `${folder}/src/main/java/Consumer.java`)
  return await exercise(t, ['java', ...(await build(folder, 'compiler:compile')), 'Consumer'])
})

testClient('OpenAPI Generator, Go', VERSION, [...GENERATOR, 'go'], async (t) => {
  const folder = await generate(t, 'clients/go', 'OpenAPI Generator')
  checkNames(t, folder, '.go', ['NullableFloat32', 'NullableFloat64', 'NullableInt32', 'NullableInt64'])
  for (const file of ['go.mod', 'main.go']) copyFileSync(`${CLIENTS}/go/${file}`, `${folder}/${file}`)
  await run('go', ['build', '-o', 'consumer', '.'], { cwd: folder })
  return await exercise(t, [`${folder}/consumer`])
})

testClient('OpenAPI Generator, Python', VERSION, [...GENERATOR, 'python3'], async (t) => {
  const folder = `${await generate(t, 'clients/python', 'OpenAPI Generator')}/catalog`
  checkNames(t, `${folder}/product_catalog`, '.py')
  return await exercise(t, [await python(), `${CLIENTS}/python/consumer.py`], { PYTHONPATH: folder })
})

testClient('OpenAPI Generator, C# (generated, not compiled)', VERSION, [...GENERATOR, 'python3'], async (t) => {
  return await checkSource(t, '.cs', `${await generate(t, 'clients/csharp', 'C#')}/catalog/src/ProductCatalog`, ['.'])
})

testClient('OpenAPI Generator, Swift (generated, not compiled)', VERSION, [...GENERATOR, 'python3'], async (t) => {
  const sources = `${await generate(t, 'clients/swift', 'Swift')}/catalog/Sources/ProductCatalog`
  // The third folder is the same for every document.
  return await checkSource(t, '.swift', sources, ['APIs', 'Models'])
})
