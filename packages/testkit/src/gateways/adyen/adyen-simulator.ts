import { type GatewayServer, type GatewayServerOptions, serveGateway } from '../../gateway/server.ts';
import type { MoneyReport } from '../money-ledger.ts';
import { AdyenDesk, type AdyenDeskOptions } from './desk.ts';

export interface AdyenSimulatorOptions extends GatewayServerOptions, AdyenDeskOptions {}

export interface AdyenSimulator extends GatewayServer {
  ledger(): MoneyReport;
  /** The hours of the capture delay pass: charges settle on their own. */
  captureDue(): void;
}

/** Starts Adyen's Checkout API with one telephone-order account and its published test cards. */
export async function startAdyenSimulator(options: AdyenSimulatorOptions): Promise<AdyenSimulator> {
  let desk: AdyenDesk | undefined;
  const server = await serveGateway((notices) => {
    desk = new AdyenDesk(options, notices);
    return desk;
  }, options);
  const opened = desk;
  if (opened === undefined) throw new Error('the server opened without its desk');
  return { ...server, ledger: () => opened.report(), captureDue: () => opened.captureDue() };
}
