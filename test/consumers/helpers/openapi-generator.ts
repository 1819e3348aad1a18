import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { Test } from 'tap'
import { run } from './client.js'
import { generateAsDocumented, provide } from './documented.js'
import { OUT } from './report.js'

export const VERSION = '7.25.0'
const JAR = `${OUT}/tools/openapi-generator-cli-${VERSION}.jar`
/** A warning that the Python generator prints for every document. */
const ALWAYS = /ModelUtils - Failed to get the schema name: null$/

/** The Maven plugin that fetches packages and prints class paths. */
export const DEPENDENCY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'

let fetching: Promise<unknown> | undefined

/** Downloads the generator, unless it exists. */
async function fetchGenerator(): Promise<void> {
  // Runs are too short for an optimizing compiler to pay off.
  provide('openapi-generator-cli', `java -XX:TieredStopAtLevel=1 -jar ${JAR}`)
  if (existsSync(JAR)) return
  const artifact = `org.openapitools:openapi-generator-cli:${VERSION}`
  await run('mvn', ['-B', '-q', `${DEPENDENCY}:copy`, `-Dartifact=${artifact}`, `-DoutputDirectory=${OUT}/tools`])
}

/**
 * Generates the client for a language. The generator must not warn.
 * @param page Such as `clients/java`.
 * @param heading The heading above the command.
 * @returns The folder that contains `catalog`.
 */
export async function generate(t: Test, page: string, heading: string): Promise<string> {
  fetching ??= fetchGenerator()
  await fetching
  const folder = `${OUT}/generator/${basename(page)}`
  const printed = await generateAsDocumented(t, page, heading, folder)
  t.strictSame(
    printed.split('\n').filter((line) => /WARN|ERROR/.test(line) && !ALWAYS.test(line)),
    [],
    'the generator does not warn'
  )
  return folder
}
