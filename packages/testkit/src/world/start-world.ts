import { forkGateway } from './fork-gateway.ts';
import { forkParty } from './fork-party.ts';
import type {
  PhoneCommand,
  PhoneResults,
  PhoneSetup,
  PlatformCommand,
  PlatformResults,
  PlatformSetup,
} from './protocol.ts';
import { agentSetup, customerSetup, LOOPBACK, platformSetup, type WorldOptions } from './setup.ts';
import { LegStates, type World, worldOf } from './world.ts';

export interface StartWorldOptions extends WorldOptions {
  /** Default: a gateway simulator of its own. False: none. */
  readonly withGateway?: boolean;
}

/** Process ids by party, to show and to kill in a test. */
export interface ForkedWorld extends World {
  readonly pids: Readonly<Partial<Record<'customer' | 'agent' | 'platform' | 'gateway', number>>>;
}

/** The outside world with a process for each party. They all end with this process, whatever becomes of it. */
export async function startWorld(options: StartWorldOptions = {}): Promise<ForkedWorld> {
  const legStates = new LegStates();
  // Side by side, for each takes a second to load; the platform alone must know somebody, the agent.
  const agentStarts = forkParty<PhoneSetup, PhoneCommand, PhoneResults>('agent-main', agentSetup(options));
  const starts = [
    agentStarts,
    agentStarts.then((agent) =>
      forkParty<PlatformSetup, PlatformCommand, PlatformResults>(
        'platform-main',
        platformSetup(options, agent.address.uri),
        (event) => legStates.tell(event),
      ),
    ),
    forkParty<PhoneSetup, PhoneCommand, PhoneResults>('customer-main', customerSetup(options)),
    options.withGateway === false ? undefined : forkGateway(options.host ?? LOOPBACK),
  ] as const;
  try {
    const [agent, platform, customer, gateway] = await Promise.all(starts);
    const pids = pidsOf({ customer, agent, platform, gateway });
    return { ...worldOf({ customer, agent, platform, legStates, gateway }), pids };
  } catch (error) {
    const opened = await Promise.allSettled(starts);
    await Promise.all(opened.map((start) => start.status === 'fulfilled' && start.value?.close()));
    throw error;
  }
}

function pidsOf(
  parties: Readonly<Record<keyof ForkedWorld['pids'], { readonly pid: number | undefined } | undefined>>,
): ForkedWorld['pids'] {
  return Object.fromEntries(
    Object.entries(parties).flatMap(([name, party]) => (party?.pid === undefined ? [] : [[name, party.pid]])),
  );
}
