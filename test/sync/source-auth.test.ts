import t from 'tap'
import { parseSourceAuth, type SourceAuth, toSecrets } from '../../src/sync/source-auth.js'

t.test('credentials have one of three forms', async (t) => {
  for (const [text, name, value] of [
    ['Bearer abc.def', 'authorization', 'Bearer abc.def'],
    ['bearer abc', 'authorization', 'Bearer abc'],
    // RFC 7617, section 2 and 2.1.
    ['Basic Aladdin:open sesame', 'authorization', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
    ['Basic test:123\u00a3', 'authorization', 'Basic dGVzdDoxMjPCow=='],
    ['Basic ck_1:cs:2', 'authorization', `Basic ${Buffer.from('ck_1:cs:2').toString('base64')}`],
    ['X-Auth-Token: a b', 'x-auth-token', 'a b'],
    ['Authorization: Custom abc', 'authorization', 'Custom abc']
  ] as const)
    t.strictSame(parseSourceAuth(text), { name, value }, text)
})

t.test('other texts and headers of the client are not credentials', async (t) => {
  for (const text of [
    'abc',
    'Bearer',
    'Bearer a b',
    'Basic QWxhZGRpbg==',
    'X-Key:',
    'X Key: a',
    'Host: a',
    'X-Key: a\nB: c',
    'X-Key: \u20ac'
  ])
    t.equal(parseSourceAuth(text), undefined, text)
})

t.test('the parts of credentials are secrets too', async (t) => {
  const secretsOf = (text: string) => toSecrets(parseSourceAuth(text) as SourceAuth)
  t.ok(secretsOf('Bearer abc').includes('abc'))
  for (const part of ['shop', 's3cret:1', Buffer.from('shop:s3cret:1').toString('base64')])
    t.ok(secretsOf('Basic shop:s3cret:1').includes(part), part)
  t.ok(secretsOf('Cookie: session=abc; theme=dark').includes('abc'))
})
