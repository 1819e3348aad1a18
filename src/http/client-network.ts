/** Length of the longest text form of an IP address with a port. */
const ADDRESS_MAX = 53

/**
 * Returns the network by which the service counts the requests of an address. For IPv4 it is the address itself. For IPv6 it is the first
 * 64 bits. An internet provider assigns at least one such network to each customer, who could otherwise send each request from another
 * address. An IPv4-mapped IPv6 address counts as IPv4.
 */
export function toNetwork(address: string): string {
  // A longer text can only come from a header that a proxy forwards unchecked.
  const text = address.slice(0, ADDRESS_MAX).replace(WITH_PORT, '$1$2')
  if (!text.includes(':')) return text
  if (text.startsWith(IPV4_MAPPED)) return text.slice(IPV4_MAPPED.length)
  const [front, back = []] = text.split('::').map((groups) => groups.split(':')) as [string[], string[]?]
  const zeros = Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0')
  return [...front, ...zeros, ...back].slice(0, 4).join(':')
}

/** Some proxies also forward the port, which differs for each connection: `192.0.2.1:5000`, `[2001:db8::1]:5000`. */
const WITH_PORT = /^(?:([\d.]+):\d+|\[([\da-f:.]+)\](?::\d+)?)$/i

const IPV4_MAPPED = '::ffff:'
