import { lookup, Resolver } from 'node:dns/promises';

export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly replacement: string;
}

export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

export interface HostRecord {
  readonly address: string;
  readonly ttlS: number;
}

/** What RFC 3263 asks of the DNS. An empty list: there is no such record. Rejects when the DNS gives no answer. */
export interface SipResolver {
  naptr(domain: string): Promise<readonly NaptrRecord[]>;
  srv(service: string): Promise<readonly SrvRecord[]>;
  hosts(name: string, family: 4 | 6): Promise<readonly HostRecord[]>;
}

/** One question, ms: NAPTR, SRV and address come one after the other, and a whole lookup has two seconds. */
const QUESTION_MS = 800;
/** The system tells no TTL of what it finds, and keeps to it itself. */
const SYSTEM_TTL_S = 30;

/** `servers`: `192.0.2.53` or `192.0.2.53:5353`. None: those of the system, and its hosts file. */
export function nodeResolver(servers: readonly string[] = []): SipResolver {
  const resolver = new Resolver({ timeout: QUESTION_MS, tries: 1 });
  if (servers.length > 0) resolver.setServers(servers);
  return {
    naptr: (domain) => orNone(resolver.resolveNaptr(domain)),
    srv: async (service) => {
      const records = await orNone(resolver.resolveSrv(service));
      return records.map(({ name, ...rest }) => ({ ...rest, target: name }));
    },
    hosts: async (name, family) => {
      if (servers.length === 0) {
        // Only the system itself knows of `localhost`, of /etc/hosts, and of search domains.
        const found = await orNone(lookup(name, { all: true, family }));
        return found.map(({ address }) => ({ address, ttlS: SYSTEM_TTL_S }));
      }
      const asked =
        family === 4 ? resolver.resolve4(name, { ttl: true }) : resolver.resolve6(name, { ttl: true });
      return (await orNone(asked)).map(({ address, ttl }) => ({ address, ttlS: ttl }));
    },
  };
}

/** The DNS says that there is none: that is an answer. */
const NO_RECORD: ReadonlySet<unknown> = new Set([
  'ENOTFOUND',
  'ENODATA',
  'EBADNAME',
  'ENONAME',
  'EAI_NODATA',
]);

async function orNone<Found>(asked: Promise<Found[]>): Promise<Found[]> {
  try {
    return await asked;
  } catch (error) {
    if (NO_RECORD.has((error as NodeJS.ErrnoException).code)) return [];
    throw error;
  }
}
