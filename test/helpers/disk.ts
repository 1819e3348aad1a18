import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs'
import type { Test } from 'tap'
import { createFolder } from './folder.js'

/** Whether disks can be mounted, and files locked, here. A test that needs it says so where it cannot: `t.plan(0, NEEDS_ROOT)`. */
export const isRoot = process.getuid?.() === 0
export const NEEDS_ROOT = 'not tested: only root can mount a disk, or lock a file against writing'

/** A disk in memory, small enough to be filled. */
export class SmallDisk {
  readonly path: string
  readonly #ballast: string

  private constructor(path: string) {
    this.path = path
    this.#ballast = `${path}/ballast`
  }

  /** @param size Megabytes. @param owner The user that its folder belongs to. */
  static mount(t: Test, size: number, owner = 'root'): SmallDisk {
    const path = createFolder(t)
    const uid = execFileSync('id', ['-u', owner], { encoding: 'utf8' }).trim()
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}m,mode=0700,uid=${uid}`, 'tmpfs', path])
    // Lazily: where a test fails, somebody may still have it open.
    t.teardown(() => execFileSync('umount', ['--lazy', path]))
    return new SmallDisk(path)
  }

  /** Takes all the room that is left. */
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

  /** Gives so many bytes of that room back. */
  spare(bytes: number): void {
    truncateSync(this.#ballast, statSync(this.#ballast).size - bytes)
  }

  /** Gives that room back. */
  free(): void {
    rmSync(this.#ballast)
  }
}
