import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import type { Test } from 'tap'
import { run } from './client.js'
import { snippets } from './guides.js'
import { HERE, OUT } from './report.js'
import { startService } from './service.js'

/** Commands that install a tool. The tests skip them, because they install the versions of their lock files. */
const INSTALLS = /^(pip install [\w-]+|npm install .*|go get .*)$/gm
/** Folder of programs on the PATH of the commands in the guides. */
const BIN = `${OUT}/bin`

/** Creates a program that the commands of the guides can call by a name. */
export function provide(name: string, command: string): void {
  mkdirSync(BIN, { recursive: true })
  writeFileSync(`${BIN}/${name}`, `#!/bin/sh\nexec ${command} "$@"\n`)
  chmodSync(`${BIN}/${name}`, 0o755)
}

/**
 * Generates a client from a running service with the commands of a documentation page, in a folder that contains only `files`.
 * @param page Such as `clients/java`.
 * @param heading The heading above the commands.
 * @param files The content of each file by its name: text, or the language of the code block that holds it.
 * @param folder The folder, which is emptied first.
 * @returns The output of the commands.
 */
export async function generateAsDocumented(
  t: Test,
  page: string,
  heading: string,
  folder: string,
  files: Record<string, string | { language: string }> = {}
): Promise<string> {
  const { url } = await startService(t)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(
      `${folder}/${file}`,
      typeof content === 'string' ? content : snippets(page, content.language, url, heading)[0]
    )
  }
  const programs = [BIN, `${OUT}/python-environment/bin`, `${HERE}/node_modules/.bin`, process.env.PATH]
  const [commands] = snippets(page, 'sh', url, heading)
  return await run('bash', ['-euo', 'pipefail', '-c', commands.replaceAll(INSTALLS, '')], {
    cwd: folder,
    env: { ...process.env, PATH: programs.join(delimiter) }
  })
}
