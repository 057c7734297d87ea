import type { Admission } from '../admission/admission.ts';
import type { Edge } from './edge.ts';
import type { EdgeCore } from './edge-core.ts';
import { hopOfUri, type NextHop } from './next-hop.ts';
import { chooseEdge } from './sending.ts';
import { WireUri } from './wire-uri.ts';

export interface WayOut {
  /** Also where nothing can leave: a leg that fails at once needs one. */
  readonly core: EdgeCore;
  readonly target: WireUri | undefined;
  readonly hop: NextHop | undefined;
  /** Why a request cannot leave, or may not. */
  readonly problem: string | undefined;
}

/** The core that a request to `uri` leaves by. Nothing outside a dialog goes by another way, so this is where toll fraud ends. */
export function wayOut(
  edges: readonly Edge[],
  admission: Admission | undefined,
  uri: string,
  platform: string | undefined,
): WayOut {
  const target = WireUri.parse(uri);
  const hop = target && hopOfUri(target.toRaw());
  const edge = hop && chooseEdge(edges, hop);
  const core = (edge ?? edges[0])?.core;
  if (core === undefined) throw new Error('The SIP endpoint has no listening point');
  const problem = (): string | undefined => {
    if (target === undefined || hop === undefined) return 'the target is not a sip URI';
    if (edge === undefined) return `there is no listening point for transport=${hop.protocol ?? 'udp'}`;
    return admission?.mayCall(target, platform) === false
      ? 'its host is none that a platform may be called at'
      : undefined;
  };
  return { core, target, hop, problem: problem() };
}
