import t from 'tap'
import { hashPassword, randomPassword, verifyPassword } from '../../src/auth/passwords.js'

t.test('passwords are hashed with Argon2id, at a cost that OWASP asks for at least', async (t) => {
  const [, kind, , cost] = (await hashPassword('secret')).split('$') as [string, string, string, string]
  const { m, t: passes } = Object.fromEntries(cost.split(',').map((part) => part.split('=')))

  t.equal(kind, 'argon2id')
  t.ok(Number(m) >= 19 * 1024)
  t.ok(Number(passes) >= 2)
})

t.test('only the password itself passes', async (t) => {
  const hash = await hashPassword('secret')

  t.equal(await verifyPassword('secret', hash), true)
  t.equal(await verifyPassword('Secret', hash), false)
  t.equal(await verifyPassword('secret', undefined), false, 'and none where there is no account')
})

t.test('it takes as long to find out that there is no account as that a password is wrong', async (t) => {
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
  // The work is the same; what is told apart here is whether it is done at all.
  t.ok(ratio > 0.5 && ratio < 2, `${ratio}`)
})

t.test('passwords that are made differ', async (t) => {
  t.not(randomPassword(), randomPassword())
})
