import { type GatewayServer, type GatewayServerOptions, serveGateway } from '../../gateway/server.ts';
import type { MoneyReport } from '../money-ledger.ts';
import { WorldpayDesk, type WorldpayDeskOptions } from './desk.ts';

export interface WorldpaySimulatorOptions extends GatewayServerOptions, WorldpayDeskOptions {}

export interface WorldpaySimulator extends GatewayServer {
  ledger(): MoneyReport;
  /** Until it is off again, look-ups know nothing new. */
  lag(on: boolean): void;
  /** The money of the day arrives. */
  settleDue(): void;
}

/** Starts Worldpay Access with one telephone-order account and its published test cards. */
export async function startWorldpaySimulator(options: WorldpaySimulatorOptions): Promise<WorldpaySimulator> {
  let desk: WorldpayDesk | undefined;
  const server = await serveGateway((notices) => {
    desk = new WorldpayDesk(options, notices);
    return desk;
  }, options);
  const opened = desk;
  if (opened === undefined) throw new Error('the server opened without its desk');
  return {
    ...server,
    ledger: () => opened.report(),
    lag: (on) => opened.book.lag(on),
    settleDue: () => opened.book.settleDue(),
  };
}
