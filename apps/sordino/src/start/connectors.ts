import type { ConnectorId } from '@sordino/core';
import { createSandboxGateway, type FetchBytes, type Gateway } from '@sordino/payments';
import { forkGateway } from '@sordino/testkit';
import type { Config } from '../config/schema.ts';

const LOOPBACK = '127.0.0.1';

export interface Connectors {
  readonly gateways: ReadonlyMap<ConnectorId, Gateway>;
  close(): Promise<void>;
}

/** The gateways of the configuration. A sandbox without a URL gets a simulator of its own. */
export async function openConnectors(
  configured: Config['connectors'],
  fetchBytes: FetchBytes,
): Promise<Connectors> {
  const gateways = new Map<ConnectorId, Gateway>();
  const simulators: { close(): Promise<void> }[] = [];
  for (const { id, url } of configured) {
    let target = url;
    if (target === undefined) {
      // A process of its own: it reads the request as JSON, and a card number that is a string in our heap is what rule 6
      // forbids, test card or not.
      const simulator = await forkGateway(LOOPBACK);
      simulators.push(simulator);
      target = simulator.url;
    }
    gateways.set(id as ConnectorId, createSandboxGateway({ url: target, fetchBytes }));
  }
  return {
    gateways,
    close: async () => {
      await Promise.all(simulators.map((simulator) => simulator.close()));
    },
  };
}
