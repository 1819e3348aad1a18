/* Ambiguous paths and queries. */
import t from 'tap'
import { startApp } from '../helpers/app.js'
import { Attacker } from '../helpers/attacker.js'
import { operations } from '../helpers/operations.js'
import { mascara, palette } from '../helpers/products.js'
import { sample } from '../helpers/runs.js'

const start = (t: Parameters<typeof startApp>[0]) =>
  startApp(t, { products: [mascara, palette], config: { trustProxy: ['127.0.0.1'] } })

/** Returns other spellings of a path. Some are equivalent, and none may grant more access. */
function spellings(path: string): string[] {
  const percent = [...path.slice(1)].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')
  return [
    `/${path}`,
    `//evil.example${path}`,
    `${path}/`,
    `${path}//`,
    `/.${path}`,
    `/..${path}`,
    `/../..${path}`,
    `/%2e%2e${path}`,
    `/%2e%2e%2f${path.slice(1)}`,
    `/..%2f${path.slice(1)}`,
    `/..%5c${path.slice(1)}`,
    `/..\\${path.slice(1)}`,
    `/..;${path}`,
    `${path};x=y`,
    `${path};/../auth`,
    `${path}/..`,
    `${path}/../auth`,
    `${path}/%2e%2e/auth`,
    `${path}/./`,
    `${path}%00`,
    `${path}%00.json`,
    `${path}%20`,
    `${path}%0a`,
    `${path}%0d%0aInjected:%20yes`,
    `${path}.json`,
    `${path}.`,
    `${path}%2f`,
    `${path}%2F..%2F..%2Fetc%2Fpasswd`,
    `${path}%`,
    `${path}%z`,
    `${path}%c0%af`,
    `${path}%c0%ae%c0%ae`,
    `${path}%ff`,
    `${path}%u002e`,
    `${path}%25%32%65`,
    `${path}%252e`,
    `/${percent}`,
    path.toUpperCase(),
    `${path}#fragment`,
    `${path}#%zz`,
    `/nothing${path}#%ff`,
    `${path}?`,
    `${path}??`,
    `${path}?&&&`,
    `${path}?=`,
    `${path}?%`,
    `${path}?%00`,
    `${path}?%ff=%ff`,
    `${path}?x[`,
    `${path}#?limit=1`,
    `${path}/${'a'.repeat(14_000)}`,
    `${path}/${'/'.repeat(14_000)}`,
    `${path}/${'../'.repeat(4000)}`,
    `${path}/${'%61'.repeat(4000)}`,
    `${path}?${'a&'.repeat(7000)}`,
    `${path}?${'a=1&'.repeat(3500)}`,
    `${path}?${'['.repeat(14_000)}`,
    `${path}?a=${'%'.repeat(14_000)}`
  ]
}

t.test('no spelling of a path bypasses authentication or desynchronizes the connection', async (t) => {
  const app = await start(t)
  const attacker = await Attacker.create(t, app)
  const paths = [...new Set(operations.map(({ path }) => path.replace('{id}', '1').replace('{slug}', 'tea')))]
  const open = new Set(operations.filter(({ security }) => security).map(({ path }) => path))
  for (const path of paths) {
    for (const spelling of sample(spellings(path), 7)) {
      await attacker.send({ path: spelling })
      await attacker.send({ method: 'POST', path: spelling, body: '{}' })
      const { status, text } = await attacker.send({ path: spelling, headers: { authorization: '' } })
      if (open.has(path) || /^\/+$/.test(spelling)) continue
      t.ok(status >= 400, `without a token, ${spelling.slice(0, 100)} is rejected (got ${status})`)
      t.notMatch(text, 'Mascara')
    }
  }
  attacker.check(t)
})

t.test('the documentation discloses no files of the machine', async (t) => {
  const app = await start(t)
  const attacker = await Attacker.create(t, app)
  const ups = ['..', '%2e%2e', '.%2e', '%252e%252e', '..%2f..', '..%5c..', '%c0%ae%c0%ae', '....//', '..;', '..%00']
  for (const base of ['/docs/', '/docs/static/', '/docs//', '/docs/static//', '//docs/static/']) {
    for (const up of ups) {
      for (const file of ['package.json', 'etc/passwd', 'src/app.ts', 'var/catalog.db', '.env', 'proc/self/environ']) {
        for (const depth of [1, 4, 12]) {
          const { status, text } = await attacker.send({ path: `${base}${`${up}/`.repeat(depth)}${file}` })
          t.ok([400, 404].includes(status), `${base} ${up} ${file}: ${status}`)
          t.notMatch(text, /root:|"dependencies"|import /)
        }
      }
    }
  }
  for (const path of [
    '/docs/static',
    '/docs/static/',
    '/docs/static/%00',
    `/docs/static/${'a'.repeat(10_000)}`,
    '/docs/static/index.html%00.js'
  ]) {
    const { status } = await attacker.send({ path })
    t.ok(status < 500, path)
  }
  t.strictSame(
    attacker.violations.filter((what) => !/^text\/html/.test(what)),
    []
  )
})

t.test('a parameter that is repeated, in brackets or with a dot is rejected', async (t) => {
  const app = await start(t)
  const attacker = await Attacker.create(t, app)
  for (const { method, path, parameters, mediaTypes } of operations) {
    // An empty import, if the operation needs a body.
    const file = mediaTypes[0] ? { headers: { 'content-type': mediaTypes[0] }, body: '' } : {}
    for (const { in: where, name, schema } of parameters) {
      if (where !== 'query') continue
      const example =
        schema.type === 'integer' || schema.type === 'number' ? '1' : schema.type === 'boolean' ? 'true' : 'x'
      const isList = schema.type === 'array'
      const address = path.replace('{id}', '1').replace('{slug}', 'tea')
      const twice = await attacker.send({ method, path: `${address}?${name}=${example}&${name}=${example}`, ...file })
      if (!isList) t.equal(twice.status, 400, `${name} twice for ${method} ${path}`)
      for (const odd of [
        `${name}[]`,
        `${name}[0]`,
        `${name}[x]`,
        `${name}[$ne]`,
        `${name}.x`,
        `${name}%00`,
        `%20${name}`,
        name.toUpperCase(),
        `${name};`
      ]) {
        if (odd === name) continue
        const { status, body } = await attacker.send({ method, path: `${address}?${odd}=${example}`, ...file })
        t.equal(status, 400, `${odd} for ${method} ${path}`)
        t.match(body.errors, [{ in: 'query', detail: 'is unknown' }])
      }
      const many = `${address}?${Array.from({ length: 2000 }, () => `${name}=1`).join('&')}`.slice(0, 14_000)
      t.equal((await attacker.send({ method, path: many, ...file })).status, 400, `${name} up to 2000 times`)
    }
  }
  const both = await attacker.send({ path: '/products?limit=1;limit=100' })
  t.equal(both.status, 400, 'a semicolon separates nothing')
  attacker.check(t)
})
