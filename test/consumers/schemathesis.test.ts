import { dirname } from 'node:path'
import t, { type Test } from 'tap'
import { createFolder } from '../helpers/folder.js'
import { PostgresServer } from '../helpers/postgres-server.js'
import { DOCUMENT, run, testClient } from './helpers/client.js'
import { document } from './helpers/document.js'
import { python, versionOfPackage } from './helpers/python.js'
import { HERE } from './helpers/report.js'
import { signIn, startService } from './helpers/service.js'

const NAME = 'schemathesis'
const CONFIG = `${HERE}/schemathesis.toml`
const HOOKS = `${HERE}/schemathesis_hooks.py`
/** Timeout of a run in milliseconds, below the 10 minutes of tap. A run takes one minute on an idle machine. */
const TIMEOUT = 540_000

/** The password of the document's example, so that the example signs in. */
const password: string = Object(document.components).schemas.Credentials.properties.password.example

const databases = {
  SQLite: async (t: Test) => `file:${createFolder(t)}/catalog.db`,
  PostgreSQL: async (t: Test) => await (await PostgresServer.start(t)).createDatabase()
}

// Both engines at the same time.
t.jobs = 2

for (const [engine, createDatabase] of Object.entries(databases)) {
  testClient(`Schemathesis, ${engine}`, versionOfPackage(NAME), ['python3'], async (t) => {
    const service = await startService(t, {
      DATABASE_URL: await createDatabase(t),
      ADMIN_PASSWORD: password,
      // The hooks send each sign-in from another address.
      TRUST_PROXY: '127.0.0.1'
    })
    const { hasPassed, printed } = await run(
      `${dirname(await python())}/${NAME}`,
      ['--no-color', '--config-file', CONFIG, 'run', DOCUMENT, '--url', service.url],
      {
        // Schemathesis writes files to its working directory.
        cwd: createFolder(t),
        // tap sets FORCE_COLOR, which makes Schemathesis redraw its progress continuously.
        env: {
          ...process.env,
          FORCE_COLOR: undefined,
          SCHEMATHESIS_HOOKS: HOOKS,
          TOKEN: await signIn(service, password)
        },
        timeout: TIMEOUT
      }
    ).then(
      (printed) => ({ hasPassed: true, printed }),
      ({ message }: Error) => ({ hasPassed: false, printed: message })
    )
    const [, operations, cases] = /Tested: (\d+)\n.*?(\d+) generated/s.exec(printed) ?? []
    t.ok(Number(cases) >= 2000, `it sends ${cases} requests`)
    if (!t.ok(hasPassed, 'it finds nothing')) t.comment(printed)
    return Number(operations)
  })
}
