import { type Log, silentLog } from '@sordino/core';
import { SipEndpoint } from '@sordino/sip';
import { type OpenSimSip, type SimSipTrace, type SimTls, TRACE_ENTRIES_MAX } from '../platform/sim-sip.ts';

export interface SimSipOptions {
  readonly host: string;
  /** User part of the Contact, and the product name in User-Agent. */
  readonly name: string;
  /** Speaks TLS too. */
  readonly tls?: SimTls | undefined;
  /** Shortest session interval that it takes, s; default 90 (RFC 4028 §5). */
  readonly minSeS?: number | undefined;
  readonly log?: Log;
}

/** A SIP endpoint of the outside world, over UDP and TCP, and TLS where it has a certificate, on ports of the system's choice. */
export function simSip({ host, name, tls, minSeS, log = silentLog }: SimSipOptions): OpenSimSip {
  return async (onInvite) => {
    const trace: SimSipTrace[] = [];
    const record = (entry: SimSipTrace): void => {
      if (trace.length < TRACE_ENTRIES_MAX) trace.push(entry);
    };
    const endpoint = await SipEndpoint.open({
      listen: [
        { protocol: 'udp', host, port: 0 },
        { protocol: 'tcp', host, port: 0 },
        ...(tls === undefined ? [] : [{ protocol: 'tls', host, port: 0, tls } as const]),
      ],
      ...(tls === undefined ? {} : { tlsClient: tls }),
      ...(minSeS === undefined ? {} : { timing: { minSeS } }),
      fixedContactUser: name,
      // RFC 3891: a platform whose calls are taken by standard transfer verbs.
      optionTags: ['replaces'],
      userAgent: `simulated ${name}`,
      log,
      onInvite,
      trace: record,
    });
    return {
      trace,
      record,
      invite: (call, handlers) => endpoint.invite(call, handlers),
      options: (request) => endpoint.options(request),
      refer: (request, handlers) => endpoint.refer(request, handlers),
      close: () => endpoint.close(),
      local: (transport) => {
        const local = endpoint.local(transport);
        if (!local) throw new Error(`the SIP endpoint of ${name} does not listen on ${transport}`);
        return local;
      },
    };
  };
}
