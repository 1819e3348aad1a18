import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** An empty folder of the test's own. (Each call of `t.testdir()` would empty the one from before.) */
export function createFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'product-catalog-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
