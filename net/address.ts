import { BlockList, isIP, isIPv4 } from 'node:net';

/** `forbidden`: no policy can allow it. `private`: only where a policy entry says so. */
export type AddressReach = 'public' | 'private' | 'forbidden';

/**
 * How far an IP address reaches, by the IANA special-purpose registries (RFC 6890, RFC 4291). Link-local addresses and
 * the fixed metadata addresses of cloud providers are `forbidden`: they answer with the credentials of the host itself.
 */
export function reachOf(address: string): AddressReach {
  const bare = address.split('%', 1)[0] ?? '';
  switch (isIP(bare)) {
    case 4:
      return reachIn(v4, bare, 'ipv4');
    case 6:
      return reachOfV6(bare);
    default:
      return 'forbidden';
  }
}

interface Ranges {
  readonly forbidden: BlockList;
  readonly private: BlockList;
}

const v4: Ranges = {
  forbidden: ranges('ipv4', [
    '0.0.0.0/8',
    '169.254.0.0/16',
    '224.0.0.0/3',
    // Metadata services outside the link-local range: Azure's and Alibaba Cloud's.
    '168.63.129.16/32',
    '100.100.100.200/32',
  ]),
  private: ranges('ipv4', [
    '127.0.0.0/8',
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '100.64.0.0/10',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
  ]),
};

const v6: Ranges = {
  // fd00:ec2::/32 holds the metadata and credential endpoints of EC2 and EKS; 2002::/16 and 2001::/32 tunnel IPv4.
  forbidden: ranges('ipv6', ['fd00:ec2::/32', '2002::/16', '2001::/32', '2001:db8::/32']),
  private: ranges('ipv6', ['::1/128', 'fc00::/7']),
};

const globalUnicast = ranges('ipv6', ['2000::/3']);
/** IPv4-mapped (RFC 4291) and the well-known NAT64 prefix (RFC 6052): the reach is that of the IPv4 address inside. */
const carriesV4 = ranges('ipv6', ['64:ff9b::/96']);

function reachOfV6(address: string): AddressReach {
  const inner = mappedV4(address);
  if (inner !== undefined) return reachIn(v4, inner, 'ipv4');
  const known = reachIn(v6, address, 'ipv6');
  if (known !== 'public') return known;
  return globalUnicast.check(address, 'ipv6') ? 'public' : 'forbidden';
}

function mappedV4(address: string): string | undefined {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  if (!canonical.startsWith('::ffff:') && !carriesV4.check(address, 'ipv6')) return undefined;
  const [high = '', low = ''] = canonical.split(':').slice(-2);
  const bytes = [high, low].flatMap((group) => {
    const value = Number.parseInt(group || '0', 16);
    return [value >> 8, value & 0xff];
  });
  const inner = bytes.join('.');
  return isIPv4(inner) ? inner : undefined;
}

function reachIn(table: Ranges, address: string, family: 'ipv4' | 'ipv6'): AddressReach {
  if (table.forbidden.check(address, family)) return 'forbidden';
  return table.private.check(address, family) ? 'private' : 'public';
}

function ranges(family: 'ipv4' | 'ipv6', cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [net = '', prefix = ''] = cidr.split('/');
    list.addSubnet(net, Number(prefix), family);
  }
  return list;
}
