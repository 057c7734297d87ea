import type { SimulatedPhone } from '../phone/simulated-phone.ts';
import type { SimulatedPlatform } from '../platform/simulated-platform.ts';
import { openPhoneParty, openPlatformParty } from './party.ts';
import { agentSetup, customerSetup, platformSetup, type WorldOptions } from './setup.ts';
import { LegStates, type World, worldOf } from './world.ts';

/** The world in this process: the same parties without processes, and the objects themselves at hand. */
export interface LocalWorld extends World {
  readonly parts: {
    readonly customer: SimulatedPhone;
    readonly agent: SimulatedPhone;
    readonly platform: SimulatedPlatform;
  };
}

export async function startLocalWorld(options: WorldOptions = {}): Promise<LocalWorld> {
  const legStates = new LegStates();
  const agent = await openPhoneParty(agentSetup(options));
  const platform = await openPlatformParty(platformSetup(options, agent.address.uri), (event) =>
    legStates.tell(event),
  );
  const customer = await openPhoneParty(customerSetup(options));
  const world = worldOf({ customer, agent, platform, legStates, gateway: undefined });
  return { ...world, parts: { customer: customer.phone, agent: agent.phone, platform: platform.platform } };
}
