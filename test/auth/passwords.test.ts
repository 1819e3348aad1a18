import { hash as argon2 } from '@node-rs/argon2'
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

const composed = 'caf\u00e9 cr\u00e8me'
const decomposed = composed.normalize('NFD')

t.test('a password matches in every form that looks the same (RFC 8265, OpaqueString)', async (t) => {
  t.not(composed, decomposed)
  for (const [set, typed] of [
    [composed, decomposed],
    [decomposed, composed],
    ['\u212bngstr\u00f6m', 'A\u030angstro\u0308m'],
    ['two words', 'two\u00a0words'],
    ['two\u3000words', 'two\u2003words']
  ] as const) {
    t.equal(await verifyPassword(typed, await hashPassword(set)), true, JSON.stringify([set, typed]))
  }
})

t.test('normalization keeps case, width, and spaces at the ends', async (t) => {
  const password = ' Caf\u00e9 '
  const hash = await hashPassword(password)
  for (const other of [
    'Caf\u00e9',
    ' Caf\u00e9',
    ' caf\u00e9 ',
    ' Cafe ',
    ' \uff23af\u00e9 ',
    ' Caf\u00e9\t',
    ' Caf\u00e9 \n'
  ]) {
    t.equal(await verifyPassword(other, hash), false, JSON.stringify(other))
  }
})

t.test(
  'a hash of a password that was not normalized matches this password, in the form in which it was typed',
  async (t) => {
    const earlier = await argon2(decomposed)

    t.equal(await verifyPassword(decomposed, earlier), true)
    t.equal(await verifyPassword(composed, earlier), false)
    t.equal(await verifyPassword(`${decomposed}x`, earlier), false)
  }
)

t.test('checking an unknown account takes as long as checking a wrong password', async (t) => {
  const hash = await hashPassword('secret')
  for (const wrong of ['wrong', decomposed]) {
    const times = { account: [] as number[], none: [] as number[] }
    const measure = async (known: string | undefined) => {
      const { user, system } = process.cpuUsage()
      await verifyPassword(wrong, known)
      const after = process.cpuUsage()
      return after.user + after.system - user - system
    }
    for (let i = 0; i < 7; i++) {
      times.account.push(await measure(hash))
      times.none.push(await measure(undefined))
    }
    // The shortest processor time of each, because other work only makes times longer.
    const ratio = Math.min(...times.none) / Math.min(...times.account)
    // The work is the same. The test detects whether it is done at all.
    t.ok(ratio > 0.4 && ratio < 2.5, `${ratio}`)
  }
})

t.test('generated passwords differ', async (t) => {
  t.not(randomPassword(), randomPassword())
})
