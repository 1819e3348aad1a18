import { readFileSync } from 'node:fs'

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')

/** The shell commands that the README has under "Use it from…" for a program, for a service at another address. */
export function snippets(name: string, url: string, password: string): string[] {
  const section = readme.split(`\n### …${name}\n`)[1]?.split(/\n##/)[0] ?? ''
  return [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, code]) =>
    (code as string).replaceAll('http://localhost:5000', url).replaceAll('PASSWORD', password)
  )
}
