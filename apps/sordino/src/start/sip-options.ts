import type { OrchestratorConfig } from '@sordino/app-orchestrator';
import type { Config } from '../config/schema.ts';

type SipConfig = Config['sip'];

/** `sip.*` of the configuration as the SIP endpoint takes it. */
export function sipOptions(
  sip: SipConfig,
): Pick<OrchestratorConfig, 'listen' | 'advertisedHost' | 'tlsClient' | 'dnsServers'> {
  return {
    listen: sip.listen.map(listenPoint),
    ...(sip.advertised_host === undefined ? {} : { advertisedHost: sip.advertised_host }),
    dnsServers: sip.dns_servers,
    tlsClient: present({
      caFile: sip.tls_client.ca_file,
      certFile: sip.tls_client.cert_file,
      keyFile: sip.tls_client.key_file,
    }),
  };
}

function listenPoint(point: SipConfig['listen'][number]): OrchestratorConfig['listen'][number] {
  const { protocol, host, port, tls, origins } = point;
  return {
    protocol,
    host,
    port,
    advertised: { host: point.advertised_host, port: point.advertised_port },
    ...(tls === undefined
      ? {}
      : {
          tls: {
            certFile: tls.cert_file,
            keyFile: tls.key_file,
            clientCertificates: tls.client_certificates,
            ...present({ caFile: tls.ca_file }),
          },
        }),
    ...(origins === undefined ? {} : { origins }),
  };
}

/** Without the keys whose value is undefined: optional keys are left out, never undefined. */
function present<Key extends string>(values: Record<Key, string | undefined>): Partial<Record<Key, string>> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Record<Key, string>>;
}
