import t from 'tap'
import { alone, suiteOf, suites, testFiles } from './helpers/suite.js'

t.test('every test file belongs to a suite, and every path of a suite exists', async (t) => {
  t.strictSame(
    testFiles.filter((file) => suiteOf(file) === undefined),
    alone
  )
  for (const path of Object.values(suites).flat()) {
    t.ok(
      testFiles.some((file) => (path.endsWith('/') ? file.startsWith(path) : file === path)),
      path
    )
  }
})
