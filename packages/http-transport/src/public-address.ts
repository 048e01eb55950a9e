import { BlockList, isIP } from 'node:net';

function blockList(v4: readonly string[], v6: readonly string[]): BlockList {
  const list = new BlockList();
  for (const [family, nets] of [
    ['ipv4', v4],
    ['ipv6', v6],
  ] as const) {
    for (const net of nets) {
      const [address = '', bits] = net.split('/');
      list.addSubnet(address, Number(bits), family);
    }
  }
  return list;
}

let lists: { special: BlockList; global6: BlockList; nat64: BlockList; loopback: BlockList } | undefined;

/** Built on first use: nothing is done on import. Ranges: IANA special-purpose registries for IPv4 and IPv6. */
function ranges(): NonNullable<typeof lists> {
  lists ??= {
    special: blockList(
      [
        '0.0.0.0/8',
        '10.0.0.0/8',
        '100.64.0.0/10',
        '127.0.0.0/8',
        '169.254.0.0/16',
        '172.16.0.0/12',
        '192.0.0.0/24',
        '192.0.2.0/24',
        '192.88.99.0/24',
        '192.168.0.0/16',
        '198.18.0.0/15',
        '198.51.100.0/24',
        '203.0.113.0/24',
        '224.0.0.0/4',
        '240.0.0.0/4',
      ],
      // Teredo, benchmarking and the like; documentation twice; 6to4, which tunnels to an embedded IPv4 address.
      ['2001::/23', '2001:db8::/32', '3fff::/20', '2002::/16'],
    ),
    global6: blockList([], ['2000::/3']),
    nat64: blockList([], ['64:ff9b::/96']),
    loopback: blockList(['127.0.0.0/8'], ['::1/128']),
  };
  return lists;
}

/** The IPv4 address in the last 32 bits of `64:ff9b::a.b.c.d`, in either spelling. */
function embedded4(address: string): string | undefined {
  const dotted = /:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const words = /:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (words === null) return undefined;
  const bits = Number.parseInt(words[1] ?? '', 16) * 65_536 + Number.parseInt(words[2] ?? '', 16);
  return [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join('.');
}

export function isLoopbackAddress(address: string): boolean {
  const family = isIP(address);
  // BlockList finds an IPv4-mapped IPv6 address under its IPv4 range.
  return family !== 0 && ranges().loopback.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Whether an address lies in the public internet: in no private, link-local, loopback, shared or reserved range.
 * NAT64 addresses are judged by the IPv4 address in them; IPv4-mapped ones are refused, no honest DNS answer has them.
 */
export function isPublicAddress(address: string): boolean {
  const { special, global6, nat64 } = ranges();
  const family = isIP(address);
  if (family === 4) return !special.check(address, 'ipv4');
  if (family !== 6) return false;
  if (nat64.check(address, 'ipv6')) {
    const inner = embedded4(address);
    return inner !== undefined && !special.check(inner, 'ipv4');
  }
  return global6.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/** Whether a host name, without asking DNS, can only mean this machine. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name);
}
