import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { operations, yaml } from './helpers/document.js'
import { HERE, OUT, report, versionOf } from './helpers/report.js'

const linters = [
  {
    name: 'Spectral, all of spectral:oas',
    of: '@stoplight/spectral-cli',
    command: ['spectral', 'lint', '-r', 'spectral.yaml']
  },
  {
    name: 'Spectral, OWASP ruleset',
    of: '@stoplight/spectral-owasp-ruleset',
    command: ['spectral', 'lint', '-r', 'spectral-owasp.yaml']
  },
  { name: 'Redocly, recommended-strict', of: '@redocly/cli', command: ['redocly', 'lint', '--config', 'redocly.yaml'] }
]

// The OpenAPI 3.1 version differs from the 3.0 version only in its version line.
mkdirSync(OUT, { recursive: true })
writeFileSync(`${OUT}/openapi-3.0.yaml`, yaml)
writeFileSync(`${OUT}/openapi-3.1.yaml`, yaml.replace('openapi: 3.0.3', 'openapi: 3.1.0'))

for (const { name, of, command } of linters) {
  t.test(`${name}: no findings in the document, as 3.0 and 3.1`, async (t) => {
    let failures = 0
    for (const version of ['3.0', '3.1']) {
      const strict = command[0] === 'spectral' ? ['--fail-severity', 'hint'] : []
      const { status, stdout, stderr } = spawnSync('npx', [...command, ...strict, `${OUT}/openapi-${version}.yaml`], {
        cwd: HERE,
        encoding: 'utf8',
        env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
      })
      if (status !== 0) t.comment(stdout + stderr)
      if (!t.equal(status, 0, `OpenAPI ${version}`)) failures++
    }
    report(name, versionOf(of), operations.length, failures)
  })
}
