import type { Log, Scheduler } from '@sordino/core';
import { Edge } from '../core/edge.ts';
import { openTransport } from '../core/listening.ts';
import { CertificateKeeper } from '../router/certificate-keeper.ts';
import { TlsCredentials } from '../router/tls-credentials.ts';
import type { Flow, ListenPoint, SipTransport } from '../router/transport.ts';
import type { StoredEndpoint } from './stored-leg.ts';

export interface OpenEdgesOptions {
  /** Those of the dead process are in use again. */
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
      try {
        edges.set(place, await openEdge(point, endpoint, options));
      } catch (error) {
        options.log.warn('a listening point cannot be opened for farewells', {
          protocol: point.protocol,
          error: error instanceof Error ? error.message : 'unknown',
        });
      }
    }),
  );
  return edges;
}

async function openEdge(
  point: ListenPoint,
  { advertisedHost, tlsClient }: StoredEndpoint,
  { anyPort, scheduler, log, onMessage }: OpenEdgesOptions,
): Promise<Edge> {
  const certificates = new CertificateKeeper();
  const opened: { edge?: Edge } = {};
  const receive = (raw: Uint8Array, flow: Flow): void => {
    if (opened.edge !== undefined) onMessage(raw, flow, opened.edge);
  };
  const parts = {
    log,
    certificates,
    tlsClient: new TlsCredentials(tlsClient ?? {}, log),
    gate: undefined,
  };
  const open = (port: number): Promise<SipTransport> => openTransport({ ...point, port }, receive, parts);
  try {
    const transport = anyPort ? await open(0) : await open(point.port).catch(() => open(0));
    const { host = advertisedHost, port } = point.advertised ?? {};
    // An advertised port leads to the one that died, and to no other.
    const outside = { host, port: transport.local.port === point.port ? port : undefined };
    opened.edge = new Edge(transport, outside, undefined, scheduler, () => {});
    return opened.edge;
  } finally {
    // A farewell takes seconds: nobody renews a certificate meanwhile.
    certificates.stop();
  }
}
