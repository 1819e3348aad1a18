import t from 'tap'
import { toNetwork } from '../../src/http/client-network.js'

t.test('addresses of one IPv6 network count as one client', async (t) => {
  for (const [address, client] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::1', '2001:db8:1:2'],
    ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:db8::1:2:3:4:5', '2001:db8:0:1'],
    ['2001:db8::', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['192.0.2.1:5000', '192.0.2.1'],
    ['[2001:db8:1:2::1]:5000', '2001:db8:1:2'],
    ['[2001:db8:1:2::1]', '2001:db8:1:2']
  ] as const) {
    t.equal(toNetwork(address), client, address)
  }
  t.not(toNetwork('::1'), toNetwork('1::1'))
  t.ok(toNetwork('x'.repeat(10_000)).length < 100, 'text that is not an address is truncated')
})
