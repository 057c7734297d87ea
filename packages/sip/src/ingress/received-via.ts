import type { Flow } from '../router/transport.ts';
import { rewriteVia, type ViaScan } from './via.ts';

const SAFE_ADDRESS = /^[0-9A-Fa-f.:]+$/;

/**
 * What a server transport writes into the top Via of a request: `received` when sent-by is not the source address
 * (RFC 3261 §18.2.1), and `received` with `rport` when the client asked for it (RFC 3581 §4). Values that a peer put
 * there itself are replaced, or it could aim our answers at a third party.
 */
export function withSource(top: ViaScan, flow: Flow): ViaScan {
  const { host, params } = top.via;
  const wantsPort = params.has('rport');
  const source = flow.remote.host;
  if (!SAFE_ADDRESS.test(source)) return top;
  if (!wantsPort && !params.has('received') && bare(host) === source) return top;
  const stamped = new Map(params);
  stamped.set('received', source);
  if (wantsPort) stamped.set('rport', String(flow.remote.port));
  return rewriteVia(top, stamped);
}

const bare = (host: string): string => (host.startsWith('[') ? host.slice(1, -1) : host);
