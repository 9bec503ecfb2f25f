import { BlockList, isIPv6 } from 'node:net'

/** Networks that are not the public internet, by IANA's registries of special-purpose addresses. */
const IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]
/** Of IPv6 only the unicast space that is given out is public; in it lie these exceptions. */
const PUBLIC_IPV6 = ['2000::', 3] as const
const IPV6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const refused = new BlockList()
for (const [network, prefix] of IPV4) refused.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of IPV6) refused.addSubnet(network, prefix, 'ipv6')
const unicast = new BlockList()
unicast.addSubnet(...PUBLIC_IPV6, 'ipv6')

/** Whether a message of ours may go there: never to a neighbour of the function that sends it. */
export function isPublic(address: string): boolean {
  if (isIPv6(address)) return unicast.check(address, 'ipv6') && !refused.check(address, 'ipv6')
  return !refused.check(address, 'ipv4')
}
