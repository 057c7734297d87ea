import type { Log, Scheduler } from '@sordino/core';
import { Edge } from '../core/edge.ts';
import { openTcpTransport } from '../router/tcp-transport.ts';
import type { Flow, ListenPoint, SipTransport } from '../router/transport.ts';
import { openUdpTransport } from '../router/udp-transport.ts';
import type { StoredEndpoint } from './stored-leg.ts';

export interface OpenEdgesOptions {
  readonly anyPort: boolean;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly onMessage: (raw: Uint8Array, flow: Flow, edge: Edge) => void;
}

/**
 * The listening points of a dead process, by their place in its list; any free port where somebody else has the one it had. What
 * cannot be opened at all is left out.
 */
export async function openEdges(
  endpoint: StoredEndpoint,
  options: OpenEdgesOptions,
): Promise<ReadonlyMap<number, Edge>> {
  const edges = new Map<number, Edge>();
  await Promise.all(
    endpoint.listen.map(async (point, place) => {
      const edge = await openEdge(point, endpoint.advertisedHost, options);
      if (edge !== undefined) edges.set(place, edge);
    }),
  );
  return edges;
}

async function openEdge(
  point: ListenPoint,
  advertisedHost: string | undefined,
  { anyPort, scheduler, log, onMessage }: OpenEdgesOptions,
): Promise<Edge | undefined> {
  const opened: { edge?: Edge } = {};
  const open = (port: number): Promise<SipTransport> => {
    const listen = point.protocol === 'udp' ? openUdpTransport : openTcpTransport;
    const receive = (raw: Uint8Array, flow: Flow): void => {
      if (opened.edge !== undefined) onMessage(raw, flow, opened.edge);
    };
    return listen({ ...point, port }, receive, log);
  };
  try {
    const transport = anyPort ? await open(0) : await open(point.port).catch(() => open(0));
    opened.edge = new Edge(transport, advertisedHost, undefined, scheduler);
    return opened.edge;
  } catch (error) {
    log.warn('a listening point cannot be opened for farewells', {
      protocol: point.protocol,
      error: error instanceof Error ? error.message : 'unknown',
    });
    return undefined;
  }
}
