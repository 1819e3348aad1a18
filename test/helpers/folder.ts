import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Creates an empty folder for a test. Unlike `t.testdir()`, a second call keeps the first folder. */
export function createFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'product-catalog-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
