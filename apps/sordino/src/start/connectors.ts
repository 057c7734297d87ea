import { fetchBytesTo } from '@sordino/app-payments';
import type { Clock, ConnectorId, ConnectorObject, Log } from '@sordino/core';
import {
  createHttpsGateway,
  createSandboxGateway,
  GATEWAY_KINDS,
  type Gateway,
  gatewayUrl,
} from '@sordino/payments';
import { SIGNING_SECRETS } from '../config/connector-rules.ts';
import type { Config } from '../config/schema.ts';
import type { ReadSecret } from '../secrets/provider.ts';
import { readSigningSecret } from '../secrets/signing-secret.ts';
import { egressOf } from './egress.ts';
import { digest, hmac, hmacSha256 } from './hashes.ts';
import { runSimulator } from './simulator.ts';

export interface Connectors {
  readonly gateways: ReadonlyMap<ConnectorId, Gateway>;
  /** As the API shows them. */
  readonly views: readonly ConnectorObject[];
  close(): Promise<void>;
}

/** The gateways of the configuration. A sandbox without a URL gets a simulator of its own. */
export async function openConnectors(
  configured: Config['connectors'],
  readSecret: ReadSecret,
  clock: Clock,
  log: Log,
): Promise<Connectors> {
  const gateways = new Map<ConnectorId, Gateway>();
  const simulators: { close(): Promise<void> }[] = [];
  for (const { id, type, url, livemode, settings, secrets } of configured) {
    const connector = id as ConnectorId;
    const kind = GATEWAY_KINDS.find((each) => each.type === type);
    if (kind !== undefined) {
      const keys: Record<string, Uint8Array> = {};
      for (const [name, reference] of Object.entries(secrets))
        keys[name] = await readSecret(reference, `connector ${id}: secrets.${name}`);
      const target = gatewayUrl(kind, { url, livemode, settings });
      const fetchBytes = fetchBytesTo(egressOf(target, { livemode, configured: url !== undefined }));
      const ways = { fetchBytes, clock, hmac, digest };
      gateways.set(connector, kind.create({ url: target, livemode, settings, secrets: keys, ways }));
      continue;
    }
    if (type === 'https' && url !== undefined) {
      const keys: Uint8Array[] = [];
      for (const name of SIGNING_SECRETS) {
        const where = `connector ${id}: secrets.${name}`;
        if (secrets[name] !== undefined) keys.push(await readSigningSecret(readSecret, secrets[name], where));
      }
      const fetchBytes = fetchBytesTo(egressOf(url, { livemode, configured: true }));
      const ways = { fetchBytes, clock, hmac: hmacSha256 };
      gateways.set(connector, createHttpsGateway({ url, livemode, secrets: keys, ...ways }));
      continue;
    }
    let target = url;
    if (target === undefined) {
      const simulator = await runSimulator(log);
      simulators.push(simulator);
      target = simulator.url;
    }
    const fetchBytes = fetchBytesTo(egressOf(target, { livemode, configured: true }));
    gateways.set(connector, createSandboxGateway({ url: target, fetchBytes }));
  }
  return {
    gateways,
    views: configured.flatMap(({ id, type }) => {
      const gateway = gateways.get(id as ConnectorId);
      return gateway === undefined ? [] : [viewOf(id, type, gateway)];
    }),
    close: async () => {
      await Promise.all(simulators.map((simulator) => simulator.close()));
    },
  };
}

function viewOf(id: string, type: string, { livemode, capabilities: can }: Gateway): ConnectorObject {
  return {
    id,
    object: 'connector',
    type,
    livemode,
    capabilities: {
      moto: can.moto,
      authorize: can.authorize,
      tokenize: can.tokenize,
      settle: can.settle,
      partial_settle: can.partialSettle,
      void: can.void,
      refund: can.refund,
      replay: can.replay,
      query_by_reference: can.queryByReference,
      cancel_by_reference: can.cancelByReference,
      bank_accounts: can.bankAccounts,
    },
  };
}
