import type { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** Which addresses a request may end at, whatever name it began with. */
export type Reach = 'loopback' | 'public' | 'any';

/** Error code of a request that was not allowed to leave. */
export const EGRESS_REFUSED = 'EGRESS_REFUSED';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** `address`: a literal one, in brackets or without. */
function isWithin(reach: Reach, address: string): boolean {
  if (reach === 'any') return true;
  const bare = bareHost(address);
  if (reach === 'public') return isPublicAddress(bare);
  return LOOPBACK.check(bare, isIPv6(bare) ? 'ipv6' : 'ipv4');
}

/** A literal address is connected to without a lookup: it is judged here. A name is judged by its lookup. */
export function mayAsk(reach: Reach, host: string): boolean {
  const bare = bareHost(host);
  return isIP(bare) === 0 || isWithin(reach, bare);
}

/**
 * A lookup for one connection, which uses the very addresses that were judged: a name cannot be public when it is checked and private when
 * it is used. All of them have to be within reach: which one is used is not ours to say.
 */
export function lookupWithin(reach: Reach, lookup: typeof systemLookup): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) {
        done(error ?? refusal(), '', 0);
        return;
      }
      if (!addresses.every(({ address }) => isWithin(reach, address))) done(refusal(), '', 0);
      else if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

const refusal = (): NodeJS.ErrnoException =>
  Object.assign(new Error('the address is not one that may be asked'), { code: EGRESS_REFUSED });

const bareHost = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');
