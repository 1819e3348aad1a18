import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CLIENTS, run } from './client.js'
import { OUT } from './report.js'

const TSC = resolve('node_modules/typescript/bin/tsc')

/** Compiles a program in `clients/typescript` and the client that it uses, strictly. @returns The file that Node.js runs. */
export async function compileTypeScript(name: string): Promise<string> {
  const config = `${OUT}/tsconfig.${name}.json`
  const files = [`${CLIENTS}/typescript/${name}.ts`]
  writeFileSync(config, JSON.stringify({ extends: `${CLIENTS}/typescript/tsconfig.json`, files }))
  await run(process.execPath, [TSC, '-p', config])
  return `${OUT}/compiled/clients/typescript/${name}.js`
}
