import { describe, expect, it } from '@jest/globals';
import { CachedResolver } from './cached-resolver.ts';
import { type Destination, Locator, type Outlet, orderSrv } from './locate.ts';
import type { NaptrRecord, SipResolver, SrvRecord } from './sip-resolver.ts';

const EVERYTHING: readonly Outlet[] = (['udp', 'tcp', 'tls'] as const).flatMap((protocol) =>
  ([4, 6] as const).map((family) => ({ protocol, family })),
);
const NO_IPV6 = EVERYTHING.filter(({ family }) => family === 4);

/** `NAPTR name`, `SRV name`, `A name`, `AAAA name`: records, or `fails`. */
type Zone = Readonly<Record<string, readonly unknown[] | 'fails'>>;

function resolverOf(zone: Zone): SipResolver {
  const get = async <Found>(question: string): Promise<readonly Found[]> => {
    const found = zone[question] ?? [];
    if (found === 'fails') throw new Error('SERVFAIL');
    return found as readonly Found[];
  };
  return {
    naptr: (domain) => get(`NAPTR ${domain}`),
    srv: (service) => get(`SRV ${service}`),
    hosts: async (name, family) =>
      (await get<string>(`${family === 4 ? 'A' : 'AAAA'} ${name}`)).map((address) => ({ address, ttlS: 60 })),
  };
}

const naptr = (service: string, replacement: string, order = 10): NaptrRecord => ({
  order,
  preference: 10,
  flags: 's',
  service,
  replacement,
});
const srv = (target: string, port: number, priority = 0, weight = 0): SrvRecord => ({
  target,
  port,
  priority,
  weight,
});

async function found(to: Partial<Destination>, zone: Zone, outlets = EVERYTHING): Promise<string[]> {
  const locator = new Locator(resolverOf(zone), () => 0);
  const destination = { protocol: undefined, host: 'example.com', port: undefined, ...to };
  const places = await locator.locate(destination, outlets, 'udp');
  return places.map(({ protocol, host, port, name }) => `${protocol} ${host} ${port} ${name}`);
}

describe('locate (RFC 3263)', () => {
  const a = { 'A a.example.com': ['192.0.2.1'], 'A b.example.com': ['192.0.2.2'] };

  it.each<[what: string, to: Partial<Destination>, zone: Zone, places: string[]]>([
    [
      'a port: addresses only, UDP',
      { port: 5070 },
      { 'A example.com': ['192.0.2.9'], 'SRV _sip._udp.example.com': [srv('a.example.com', 1)] },
      ['udp 192.0.2.9 5070 example.com'],
    ],
    [
      'a port and a protocol',
      { port: 5070, protocol: 'tls' },
      { 'A example.com': ['192.0.2.9'] },
      ['tls 192.0.2.9 5070 example.com'],
    ],
    [
      'both families of address',
      { port: 5070 },
      { 'A example.com': ['192.0.2.9'], 'AAAA example.com': ['2001:db8::9'] },
      ['udp 192.0.2.9 5070 example.com', 'udp 2001:db8::9 5070 example.com'],
    ],
    [
      'a protocol: its SRV, and the name to prove stays that of the URI',
      { protocol: 'tls' },
      { ...a, 'SRV _sips._tcp.example.com': [srv('b.example.com', 5063, 2), srv('a.example.com', 5062, 1)] },
      ['tls 192.0.2.1 5062 example.com', 'tls 192.0.2.2 5063 example.com'],
    ],
    [
      'a protocol without SRV: its default port',
      { protocol: 'tls' },
      { 'A example.com': ['192.0.2.9'] },
      ['tls 192.0.2.9 5061 example.com'],
    ],
    [
      'nothing: NAPTR by order, TLS before TCP here',
      {},
      {
        ...a,
        'NAPTR example.com': [
          naptr('SIP+D2T', '_sip._tcp.example.com', 20),
          naptr('SIPS+D2T', '_sips._tcp.example.com', 10),
          naptr('SIP+D2S', '_sip._sctp.example.com', 5),
          { ...naptr('SIP+D2U', '_sip._udp.example.com', 1), flags: 'u' },
        ],
        'SRV _sip._tcp.example.com': [srv('a.example.com', 5060)],
        'SRV _sips._tcp.example.com': [srv('b.example.com', 5061)],
      },
      ['tls 192.0.2.2 5061 example.com', 'tcp 192.0.2.1 5060 example.com'],
    ],
    [
      'nothing and no NAPTR: SRV of UDP before TCP',
      {},
      {
        ...a,
        'SRV _sip._udp.example.com': [srv('a.example.com', 5060)],
        'SRV _sip._tcp.example.com': [srv('b.example.com', 5060)],
      },
      ['udp 192.0.2.1 5060 example.com'],
    ],
    [
      'nothing, and SRV of TCP alone',
      {},
      { ...a, 'SRV _sip._tcp.example.com': [srv('b.example.com', 5060)] },
      ['tcp 192.0.2.2 5060 example.com'],
    ],
    [
      'nothing anywhere but an address: UDP on 5060',
      {},
      { 'A example.com': ['192.0.2.9'] },
      ['udp 192.0.2.9 5060 example.com'],
    ],
    [
      'an SRV target that is gone, and another',
      { protocol: 'tcp' },
      { ...a, 'SRV _sip._tcp.example.com': [srv('gone.example.com', 1, 1), srv('a.example.com', 2, 2)] },
      ['tcp 192.0.2.1 2 example.com'],
    ],
    [
      'a DNS that answers no NAPTR and no SRV',
      {},
      {
        'NAPTR example.com': 'fails',
        'SRV _sip._udp.example.com': 'fails',
        'SRV _sip._tcp.example.com': 'fails',
        'SRV _sips._tcp.example.com': 'fails',
        'A example.com': ['192.0.2.9'],
      },
      ['udp 192.0.2.9 5060 example.com'],
    ],
    [
      'more addresses than anybody would wait for',
      { port: 5060 },
      { 'A example.com': Array.from({ length: 20 }, (_, index) => `192.0.2.${index}`) },
      Array.from({ length: 8 }, (_, index) => `udp 192.0.2.${index} 5060 example.com`),
    ],
  ])('%s', async (_, to, zone, places) => expect(await found(to, zone)).toEqual(places));

  it('asks for no address of a family that we have no socket of', async () => {
    const zone = { 'A example.com': ['192.0.2.9'], 'AAAA example.com': ['2001:db8::9'] };
    expect(await found({ port: 5060 }, zone, NO_IPV6)).toEqual(['udp 192.0.2.9 5060 example.com']);
  });

  it.each<[zone: Zone, why: RegExp]>([
    [{}, /^example\.com cannot be reached over udp: the DNS knows no address of it$/],
    [{ 'A example.com': 'fails' }, /the DNS gives no answer$/],
    [{ 'SRV _sip._udp.example.com': [srv('.', 0)] }, /knows no address/],
  ])('says why nothing was found: %j', async (zone, why) => {
    await expect(found({}, zone)).rejects.toThrow(why);
  });
});

describe('SRV order (RFC 2782)', () => {
  it('draws within a priority by weight, and every record comes once', () => {
    const records = [
      srv('heavy', 1, 1, 90),
      srv('light', 1, 1, 10),
      srv('zero', 1, 1, 0),
      srv('spare', 1, 2, 100),
    ];
    const first = new Map<string, number>();
    for (let draw = 0; draw < 1_000; draw++) {
      let step = 0;
      const order = orderSrv(records, () => ((draw + 0.5 + 137 * step++) % 1_000) / 1_000).map(
        ({ target }) => target,
      );
      expect([...order].sort()).toEqual(['heavy', 'light', 'spare', 'zero']);
      expect(order.at(-1)).toBe('spare');
      first.set(order[0] ?? '', (first.get(order[0] ?? '') ?? 0) + 1);
    }
    expect(first.get('heavy')).toBe(900);
    expect(first.get('light')).toBe(100);
  });
});

describe('what the DNS said before', () => {
  function watched(): {
    asked: string[];
    fail: { now: boolean };
    clock: { ms: number };
    resolver: CachedResolver;
  } {
    const asked: string[] = [];
    const fail = { now: false };
    const clock = { ms: 0 };
    const inner: SipResolver = {
      naptr: async () => [],
      srv: async (name) => {
        asked.push(name);
        if (fail.now) throw new Error('timeout');
        return name.startsWith('none') ? [] : [srv('a', 1)];
      },
      hosts: async (name) => {
        asked.push(name);
        if (fail.now) throw new Error('timeout');
        return [{ address: '192.0.2.1', ttlS: 30 }];
      },
    };
    return { asked, fail, clock, resolver: new CachedResolver(inner, () => clock.ms) };
  }

  it('is not asked again while its TTL lasts, nor by two at once', async () => {
    const { asked, clock, resolver } = watched();
    await Promise.all([resolver.hosts('H', 4), resolver.hosts('h', 4)]);
    clock.ms = 29_999;
    await resolver.hosts('h', 4);
    expect(asked).toEqual(['H']);
    clock.ms = 30_000;
    await resolver.hosts('h', 4);
    expect(asked).toEqual(['H', 'h']);
  });

  it('that there is nothing holds for a short while only', async () => {
    const { asked, clock, resolver } = watched();
    await resolver.srv('none');
    clock.ms = 9_999;
    await resolver.srv('none');
    clock.ms = 10_000;
    await resolver.srv('none');
    expect(asked).toHaveLength(2);
  });

  it('is used for an hour more while the DNS gives no answer', async () => {
    const { fail, clock, resolver } = watched();
    await resolver.hosts('h', 4);
    fail.now = true;
    clock.ms = 30_000 + 3_600_000;
    expect(await resolver.hosts('h', 4)).toHaveLength(1);
    clock.ms += 1;
    await expect(resolver.hosts('h', 4)).rejects.toThrow('timeout');
    await expect(resolver.hosts('other', 4)).rejects.toThrow('timeout');
  });

  it('is bounded: what was learnt first is forgotten first', async () => {
    const { asked, resolver } = watched();
    for (let n = 0; n <= 1_000; n++) await resolver.hosts(`h${n}`, 4);
    await resolver.hosts('h1', 4);
    expect(asked).toHaveLength(1_001);
    await resolver.hosts('h0', 4);
    expect(asked).toHaveLength(1_002);
  });
});
