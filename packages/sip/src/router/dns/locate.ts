import { isIP } from 'node:net';
import { DEFAULT_PORTS } from '../response-route.ts';
import type { SipProtocol } from '../transport.ts';
import type { NaptrRecord, SipResolver, SrvRecord } from './sip-resolver.ts';

/** What a URI says of where it leads. */
export interface Destination {
  readonly protocol: SipProtocol | undefined;
  readonly host: string;
  readonly port: number | undefined;
}

/** One address to try. */
export interface Place {
  readonly protocol: SipProtocol;
  /** Numeric. */
  readonly host: string;
  readonly port: number;
  /** The domain of the URI: what a TLS peer must prove (RFC 5922 §7.3), whatever the DNS said. */
  readonly name: string;
}

/** One way out of ours: the best first. */
export interface Outlet {
  readonly protocol: SipProtocol;
  readonly family: 4 | 6;
}

/** Addresses of one destination that are tried: more would outlast any caller. */
const PLACES_MAX = 8;

const SERVICE: Readonly<Record<string, SipProtocol>> = {
  'SIP+D2U': 'udp',
  'SIP+D2T': 'tcp',
  'SIPS+D2T': 'tls',
};
const SRV_PREFIX: Readonly<Partial<Record<SipProtocol, string>>> = {
  udp: '_sip._udp.',
  tcp: '_sip._tcp.',
  tls: '_sips._tcp.',
};

/** Throws an error that says why nothing was found. */
export class Locator {
  readonly #resolver: SipResolver;
  readonly #random: () => number;

  constructor(resolver: SipResolver, random: () => number = Math.random) {
    this.#resolver = resolver;
    this.#random = random;
  }

  /**
   * RFC 3263 §4.1 and §4.2: the addresses of a destination that is a name, in the order they are to be tried. Without a word
   * on the protocol in URI or DNS it is `byDefault`.
   */
  async locate(to: Destination, outlets: readonly Outlet[], byDefault: SipProtocol): Promise<Place[]> {
    const { host } = to;
    const protocol = to.protocol ?? byDefault;
    const problems: unknown[] = [];
    const orNone = async <Found>(asked: Promise<readonly Found[]>): Promise<readonly Found[]> => {
      try {
        return await asked;
      } catch (error) {
        // Firewalls that let no NAPTR or SRV through are common: the next question may be answered.
        problems.push(error);
        return [];
      }
    };
    const hosts = (name: string, port: number, over: SipProtocol): Promise<Place[]> =>
      this.#hosts(name, outlets, over, orNone).then((found) =>
        found.map((address) => ({ protocol: over, host: address, port, name: host })),
      );
    const services = async (service: string, over: SipProtocol): Promise<Place[]> => {
      const records = await orNone(this.#resolver.srv(service));
      const places: Place[] = [];
      for (const { target, port } of orderSrv(records, this.#random)) {
        if (places.length >= PLACES_MAX) break;
        places.push(...(await hosts(target, port, over)));
      }
      return places;
    };

    let places: Place[] = [];
    if (to.port !== undefined) places = await hosts(host, to.port, protocol);
    else {
      const speakable = new Set(outlets.map((outlet) => outlet.protocol));
      if (to.protocol === undefined) {
        for (const { service, replacement } of orderNaptr(await orNone(this.#resolver.naptr(host)))) {
          const over = SERVICE[service.toUpperCase()];
          if (over === undefined || !speakable.has(over)) continue;
          places.push(...(await services(replacement, over)));
        }
      }
      if (places.length === 0) {
        const asked = to.protocol === undefined ? (['udp', 'tcp', 'tls'] as const) : [to.protocol];
        const found = await Promise.all(
          asked.map((over) => {
            const prefix = SRV_PREFIX[over];
            return prefix === undefined || !speakable.has(over) ? [] : services(prefix + host, over);
          }),
        );
        places = found.find((some) => some.length > 0) ?? [];
      }
      if (places.length === 0) places = await hosts(host, DEFAULT_PORTS[protocol], protocol);
    }
    if (places.length > 0) return places.slice(0, PLACES_MAX);
    const why = problems.length === 0 ? 'the DNS knows no address of it' : 'the DNS gives no answer';
    throw new Error(`${host} cannot be reached over ${protocol}: ${why}`);
  }

  /** Addresses of the families that we have a socket of for this protocol. */
  async #hosts(
    name: string,
    outlets: readonly Outlet[],
    over: SipProtocol,
    orNone: <Found>(asked: Promise<readonly Found[]>) => Promise<readonly Found[]>,
  ): Promise<string[]> {
    if (isIP(name) !== 0) return [name];
    const families = new Set(outlets.filter(({ protocol }) => protocol === over).map(({ family }) => family));
    const found = await Promise.all(
      [...families].map((family) => orNone(this.#resolver.hosts(name, family))),
    );
    return found.flat().map(({ address }) => address);
  }
}

/** RFC 3403 §4.1: by order, then by preference; `s` leads to SRV, the only flag of RFC 3263 §4.1. */
const orderNaptr = (records: readonly NaptrRecord[]): NaptrRecord[] =>
  records
    .filter(({ flags }) => flags.toLowerCase() === 's')
    .sort((one, other) => one.order - other.order || one.preference - other.preference);

/** RFC 2782: by priority, and within one by lot, where the weight is the number of tickets. */
export function orderSrv(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  // RFC 2782: a single target "." says that the service is decidedly not there.
  const left = records.filter(({ target }) => target !== '.' && target !== '');
  const ordered: SrvRecord[] = [];
  while (left.length > 0) {
    const priority = Math.min(...left.map((record) => record.priority));
    const group = left.filter((record) => record.priority === priority);
    // Weight 0 has a small chance too.
    const tickets = group.map(({ weight }) => weight || 0.01);
    let drawn = random() * tickets.reduce((sum, weight) => sum + weight, 0);
    const at = tickets.findIndex((weight) => {
      drawn -= weight;
      return drawn < 0;
    });
    const winner = group[at < 0 ? 0 : at] as SrvRecord;
    ordered.push(winner);
    left.splice(left.indexOf(winner), 1);
  }
  return ordered;
}
