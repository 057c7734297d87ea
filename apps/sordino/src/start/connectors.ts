import type { ConnectorId, Log } from '@sordino/core';
import { createSandboxGateway, type FetchBytes, type Gateway } from '@sordino/payments';
import type { Config } from '../config/schema.ts';
import { runSimulator } from './simulator.ts';

export interface Connectors {
  readonly gateways: ReadonlyMap<ConnectorId, Gateway>;
  close(): Promise<void>;
}

/** The gateways of the configuration. A sandbox without a URL gets a simulator of its own. */
export async function openConnectors(
  configured: Config['connectors'],
  fetchBytes: FetchBytes,
  log: Log,
): Promise<Connectors> {
  const gateways = new Map<ConnectorId, Gateway>();
  const simulators: { close(): Promise<void> }[] = [];
  for (const { id, url } of configured) {
    let target = url;
    if (target === undefined) {
      const simulator = await runSimulator(log);
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
