import { Environment } from '../schemas/config.js'

const START = '<!-- table: made from schemas/config.ts by npm run readme -->\n'
const END = '<!-- /table -->'

/** The README with its table of environment variables as `schemas/config.ts` says. */
export function fillIn(readme: string): string {
  const start = readme.indexOf(START) + START.length
  const end = readme.indexOf(END)
  return readme.slice(0, start) + configTable() + readme.slice(end)
}

/** The environment variables as a table in Markdown. */
function configTable(): string {
  const rows = Object.entries(Environment.properties).map(([name, schema]) => {
    const fallback = schema.default === undefined ? '' : `\`${schema.default}\``
    return `| \`${name}\` | ${fallback} | ${schema.description} |\n`
  })
  return `| variable | default | meaning |\n| --- | --- | --- |\n${rows.join('')}`
}
