import t from 'tap'
import { hashPassword, randomPassword, verifyPassword } from '../../src/auth/passwords.js'

t.test('passwords are hashed with Argon2id at the minimum cost of OWASP or more', async (t) => {
  const [, kind, , cost] = (await hashPassword('secret')).split('$') as [string, string, string, string]
  const { m, t: passes } = Object.fromEntries(cost.split(',').map((part) => part.split('=')))

  t.equal(kind, 'argon2id')
  t.ok(Number(m) >= 19 * 1024)
  t.ok(Number(passes) >= 2)
})

t.test('only the exact password matches', async (t) => {
  const hash = await hashPassword('secret')

  t.equal(await verifyPassword('secret', hash), true)
  t.equal(await verifyPassword('Secret', hash), false)
  t.equal(await verifyPassword('secret', undefined), false, 'no account')
})

t.test('checking an unknown account takes as long as checking a wrong password', async (t) => {
  const hash = await hashPassword('secret')
  const times = { account: [] as number[], none: [] as number[] }
  for (let i = 0; i < 7; i++) {
    for (const [of, known] of [
      ['account', hash],
      ['none', undefined]
    ] as const) {
      const before = performance.now()
      await verifyPassword('wrong', known)
      times[of].push(performance.now() - before)
    }
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[3] as number
  const ratio = median(times.none) / median(times.account)
  // The work is the same. The test detects whether it is done at all.
  t.ok(ratio > 0.5 && ratio < 2, `${ratio}`)
})

t.test('generated passwords differ', async (t) => {
  t.not(randomPassword(), randomPassword())
})
