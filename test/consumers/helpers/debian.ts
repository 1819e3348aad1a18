import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/**
 * Installs packages of Debian, unless a program of theirs is installed already or the process may not install any.
 * @param program Absolute path of the program.
 * @returns Whether the program is installed.
 */
export function installDebian(program: string, ...packages: string[]): boolean {
  if (!existsSync(program) && process.getuid?.() === 0) {
    const apt = (...args: string[]) => spawnSync('apt-get', ['-qq', ...args], { stdio: 'inherit' })
    apt('update')
    apt('install', '-y', '--no-install-recommends', ...packages)
  }
  return existsSync(program)
}
