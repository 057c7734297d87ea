import type { Clock, ConnectorId, Log } from '@sordino/core';
import {
  createHttpsGateway,
  createSandboxGateway,
  type FetchBytes,
  GATEWAY_KINDS,
  type Gateway,
  gatewayUrl,
} from '@sordino/payments';
import type { Config } from '../config/schema.ts';
import { digest, hmac } from './hashes.ts';
import { readSecret } from './secrets.ts';
import { hmacSha256, readSigningSecrets } from './signing-secret.ts';
import { runSimulator } from './simulator.ts';

export interface Connectors {
  readonly gateways: ReadonlyMap<ConnectorId, Gateway>;
  close(): Promise<void>;
}

/** The gateways of the configuration. A sandbox without a URL gets a simulator of its own. */
export async function openConnectors(
  configured: Config['connectors'],
  fetchBytes: FetchBytes,
  clock: Clock,
  log: Log,
): Promise<Connectors> {
  const gateways = new Map<ConnectorId, Gateway>();
  const simulators: { close(): Promise<void> }[] = [];
  for (const { id, type, url, livemode, secret_files, settings, secrets } of configured) {
    const connector = id as ConnectorId;
    const kind = GATEWAY_KINDS.find((each) => each.type === type);
    if (kind !== undefined) {
      const keys = Object.entries(secrets).map(
        ([name, from]) => [name, readSecret(from, `connector ${id}: secrets.${name}`)] as const,
      );
      const options = { url: gatewayUrl(kind, { url, livemode, settings }), livemode, settings };
      const ways = { fetchBytes, clock, hmac, digest };
      gateways.set(connector, kind.create({ ...options, secrets: Object.fromEntries(keys), ways }));
      continue;
    }
    if (type === 'https' && url !== undefined) {
      const secrets = readSigningSecrets(secret_files, `connector ${id}`);
      const ways = { fetchBytes, clock, hmac: hmacSha256 };
      gateways.set(connector, createHttpsGateway({ url, livemode, secrets, ...ways }));
      continue;
    }
    let target = url;
    if (target === undefined) {
      const simulator = await runSimulator(log);
      simulators.push(simulator);
      target = simulator.url;
    }
    gateways.set(connector, createSandboxGateway({ url: target, fetchBytes }));
  }
  return {
    gateways,
    close: async () => {
      await Promise.all(simulators.map((simulator) => simulator.close()));
    },
  };
}
