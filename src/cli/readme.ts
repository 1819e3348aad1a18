/* Makes the README's table of environment variables anew: `npm run readme`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fillIn } from '../readme.js'

writeFileSync('README.md', fillIn(readFileSync('README.md', 'utf8')))
