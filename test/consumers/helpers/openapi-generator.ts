import { existsSync, rmSync } from 'node:fs'
import type { Test } from 'tap'
import { CLIENTS, DOCUMENT, run } from './client.js'
import { OUT } from './report.js'

export const VERSION = '7.25.0'
const JAR = `${OUT}/tools/openapi-generator-cli-${VERSION}.jar`
/** What the generator for Python always says. */
const ALWAYS = /ModelUtils - Failed to get the schema name: null$/

/** The plugin of Maven that fetches packages, and knows the class path. */
export const DEPENDENCY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'

let fetching: Promise<unknown> | undefined

/** Fetches the generator, unless it is there. */
async function fetchGenerator(): Promise<void> {
  if (existsSync(JAR)) return
  const artifact = `org.openapitools:openapi-generator-cli:${VERSION}`
  await run('mvn', ['-B', '-q', `${DEPENDENCY}:copy`, `-Dartifact=${artifact}`, `-DoutputDirectory=${OUT}/tools`])
}

/** Makes the client for a language, with the options in `clients/LANGUAGE/generator.yaml`. Nothing may be amiss. @returns Its folder. */
export async function generate(t: Test, language: string, into = language): Promise<string> {
  fetching ??= fetchGenerator()
  await fetching
  const folder = `${OUT}/${into}`
  rmSync(`${OUT}/${language}`, { recursive: true, force: true })
  const only = 'apis,models,supportingFiles,apiDocs=false,modelDocs=false,apiTests=false,modelTests=false'
  const options = ['-i', DOCUMENT, '-o', folder, '-c', `${CLIENTS}/${language}/generator.yaml`]
  // It is over before a better compiler would pay.
  const said = await run('java', [
    '-XX:TieredStopAtLevel=1',
    '-jar',
    JAR,
    'generate',
    ...options,
    '--global-property',
    only
  ])
  t.strictSame(
    said.split('\n').filter((line) => /WARN|ERROR/.test(line) && !ALWAYS.test(line)),
    [],
    'the generator finds nothing amiss'
  )
  return folder
}
