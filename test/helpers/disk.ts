import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs'
import type { Test } from 'tap'
import { createFolder } from './folder.js'

/** Whether the tests can mount disks and lock files here. If not, skip a test that does: `t.plan(0, NEEDS_ROOT)`. */
export const isRoot = process.getuid?.() === 0
export const NEEDS_ROOT = 'not tested: only root can mount a disk, or lock a file against writing'

/** A RAM disk that is small enough to fill. */
export class SmallDisk {
  readonly path: string
  readonly #ballast: string

  private constructor(path: string) {
    this.path = path
    this.#ballast = `${path}/ballast`
  }

  /** @param size Megabytes. @param owner User id of the owner of its folder. */
  static mount(t: Test, size: number, owner = 'root'): SmallDisk {
    const path = createFolder(t)
    const uid = execFileSync('id', ['-u', owner], { encoding: 'utf8' }).trim()
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}m,mode=0700,uid=${uid}`, 'tmpfs', path])
    // Lazy, because a failed test may leave files open.
    t.teardown(() => execFileSync('umount', ['--lazy', path]))
    return new SmallDisk(path)
  }

  /** Fills the disk. */
  fill(): void {
    const file = openSync(this.#ballast, 'a')
    const page = Buffer.alloc(4096)
    try {
      for (;;) writeSync(file, page)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    } finally {
      closeSync(file)
    }
  }

  /** Frees a number of the filled bytes. */
  spare(bytes: number): void {
    truncateSync(this.#ballast, statSync(this.#ballast).size - bytes)
  }

  /** Frees the filled space. */
  free(): void {
    rmSync(this.#ballast)
  }
}
