/* Writes the generated pages of the reference: `npm run reference`. */
import { writeFile } from 'node:fs/promises'
import { renderReference } from './render-reference.js'

for (const [path, page] of Object.entries(renderReference())) await writeFile(path, page)
