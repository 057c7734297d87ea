import { BlockList, isIP } from 'node:net';

export interface AddressRule {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly bits: number;
}

/** What an empty list means: this machine. */
export const LOOPBACK_RULES: readonly string[] = ['127.0.0.0/8', '::1'];

const MAPPED = /^::ffff:(?=[0-9]+\.)/i;
const MAPPED_BITS = 96;
const IPV4_BITS = 32;
const IPV6_BITS = 128;

/** `203.0.113.9`, `203.0.113.0/24`, `2001:db8::/32`. Undefined: neither an address nor a block; names are none. */
export function parseAddressRule(text: string): AddressRule | undefined {
  const [, written = '', bitsText] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const mapped = MAPPED.test(written);
  const address = plainSource(written);
  const version = isIP(address);
  if (version === 0 || written.includes('%')) return undefined;
  const most = version === 4 ? IPV4_BITS : IPV6_BITS;
  const bits = bitsText === undefined ? most : Number(bitsText) - (mapped ? MAPPED_BITS : 0);
  if (bits < 0 || bits > most) return undefined;
  return { address, family: version === 4 ? 'ipv4' : 'ipv6', bits };
}

/** A set of addresses. */
export class AddressRules {
  readonly #list = new BlockList();

  /** Throws a RangeError that names the rule which is none. */
  constructor(rules: readonly string[]) {
    for (const text of rules) {
      const rule = parseAddressRule(text);
      if (rule === undefined) throw new RangeError(`${JSON.stringify(text)} is no address and no CIDR block`);
      this.#list.addSubnet(rule.address, rule.bits, rule.family);
    }
  }

  /** `address` as `plainSource` gives it. */
  has(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }
}

/** A dual-stack socket says `::ffff:192.0.2.1` for 192.0.2.1, and a link-local address carries its interface. */
export const plainSource = (address: string): string => address.replace(MAPPED, '').replace(/%.*$/, '');

/** Who shares one allowance: an address, or an IPv6 /64, within which a host takes any address it likes. */
export function sourceGroup(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
