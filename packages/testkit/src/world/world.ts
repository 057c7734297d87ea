import type { SipDialogId } from '@sordino/interception';
import type { PhoneReport } from '../phone/phone-report.ts';
import type { CallOutcome, PressKeys } from '../phone/simulated-phone.ts';
import type { DiversionEnd, DivertOutcome, DivertRequest } from '../platform/divert-request.ts';
import type { CapturedPacket } from '../platform/packet-capture.ts';
import type { ReferBehaviour } from '../platform/serve-refer.ts';
import type { PlatformReport } from '../platform/simulated-platform.ts';
import type { PhoneParty, PlatformParty } from './party.ts';
import type { LegStateEvent, ReturnUris } from './protocol.ts';

/** A phone of the world, wherever it runs. What each call does stands at its command in `protocol.ts`. */
export interface PhoneControl {
  readonly uri: string;
  call(target: string): Promise<CallOutcome>;
  untilEstablished(): Promise<void>;
  untilEnded(): Promise<void>;
  press(keys: string, options: PressKeys): Promise<void>;
  hold(): Promise<number>;
  resume(): Promise<number>;
  mute(): Promise<void>;
  unmute(): Promise<void>;
  hangUp(): Promise<void>;
  report(): Promise<PhoneReport>;
}

/** The customer's phone knows whom to call. */
export interface CustomerControl extends Omit<PhoneControl, 'call'> {
  /** Default target: the platform. */
  call(target?: string): Promise<CallOutcome>;
}

export interface PlatformControl {
  readonly uri: string;
  /** Where Sordino sends leg 7: `returnUri` of the platform's profile. */
  readonly returnUri: ReturnUris;
  /** Where Sordino sends REFER: `refer.target_uri` of the platform's profile. */
  readonly referUri: string;
  untilEstablished(): Promise<void>;
  untilEnded(): Promise<void>;
  dialog(): Promise<SipDialogId | undefined>;
  divert(request: DivertRequest): Promise<DivertOutcome>;
  takeRefer(behaviour: ReferBehaviour): Promise<DivertOutcome>;
  untilOver(): Promise<DiversionEnd>;
  release(): Promise<void>;
  takeCustomerBack(): Promise<void>;
  hold(which: 'leg5' | 'leg7', direction: 'sendonly' | 'inactive' | 'sendrecv'): Promise<number>;
  updateConnectedLine(): Promise<number>;
  refer(which: 'leg5' | 'leg7', referTo: string): Promise<number>;
  hangUp(which: 'customer' | 'agent' | 'leg5' | 'leg7'): Promise<void>;
  /** Told of every state of legs 4, 5, 7 and 8. Returns what stops it. */
  onLegState(listener: (event: LegStateEvent) => void): () => void;
  report(): Promise<PlatformReport>;
  leg7Packets(): Promise<readonly CapturedPacket[]>;
  writePcap(path: string): Promise<void>;
}

export interface WorldReports {
  readonly customer: PhoneReport;
  readonly agent: PhoneReport;
  readonly platform: PlatformReport;
}

/** The outside world of one Sordino: who calls, who is called, and the platform between them. */
export interface World {
  readonly customer: CustomerControl;
  readonly agent: PhoneControl;
  readonly platform: PlatformControl;
  /** The card gateway, when the world has one. */
  readonly gateway: { readonly url: string } | undefined;
  reports(): Promise<WorldReports>;
  /** Ends all calls and frees every socket and process. Repeats are harmless. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Who listens to the legs of the platform. */
export class LegStates {
  readonly #listeners = new Set<(event: LegStateEvent) => void>();

  listen(listener: (event: LegStateEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: LegStateEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

export function worldOf(parts: {
  readonly customer: PhoneParty;
  readonly agent: PhoneParty;
  readonly platform: PlatformParty;
  readonly legStates: LegStates;
  readonly gateway: { readonly url: string; close(): Promise<void> } | undefined;
}): World {
  const { gateway } = parts;
  const agent = phoneControl(parts.agent);
  const platform = platformControl(parts.platform, parts.legStates);
  const phone = phoneControl(parts.customer);
  const customer: CustomerControl = { ...phone, call: (target = platform.uri) => phone.call(target) };
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    // The customer first: its BYE is the end of a call that every party understands.
    stopped ??= (async () => {
      await parts.customer.close();
      await parts.platform.close();
      await parts.agent.close();
      await gateway?.close();
    })();
    return stopped;
  };
  return {
    customer,
    agent,
    platform,
    gateway: gateway && { url: gateway.url },
    reports: async () => ({
      customer: await customer.report(),
      agent: await agent.report(),
      platform: await platform.report(),
    }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function phoneControl(party: PhoneParty): PhoneControl {
  return {
    uri: party.address.uri,
    call: (target) => party.run({ do: 'call', target }),
    untilEstablished: () => party.run({ do: 'until_established' }),
    untilEnded: () => party.run({ do: 'until_ended' }),
    press: (keys, options) => party.run({ do: 'press', keys, options }),
    hold: () => party.run({ do: 'hold' }),
    resume: () => party.run({ do: 'resume' }),
    mute: () => party.run({ do: 'mute' }),
    unmute: () => party.run({ do: 'unmute' }),
    hangUp: () => party.run({ do: 'hang_up' }),
    report: () => party.run({ do: 'report' }),
  };
}

function platformControl(party: PlatformParty, legStates: LegStates): PlatformControl {
  const { uri, returnUri = { udp: uri, tcp: uri }, referUri = uri } = party.address;
  return {
    uri,
    returnUri,
    referUri,
    untilEstablished: () => party.run({ do: 'until_established' }),
    untilEnded: () => party.run({ do: 'until_ended' }),
    dialog: () => party.run({ do: 'dialog' }),
    divert: (request) => party.run({ do: 'divert', request }),
    takeRefer: (behaviour) => party.run({ do: 'take_refer', behaviour }),
    untilOver: () => party.run({ do: 'until_over' }),
    release: () => party.run({ do: 'release' }),
    takeCustomerBack: () => party.run({ do: 'take_customer_back' }),
    hold: (which, direction) => party.run({ do: 'hold', which, direction }),
    updateConnectedLine: () => party.run({ do: 'update_connected_line' }),
    refer: (which, referTo) => party.run({ do: 'refer', which, referTo }),
    hangUp: (which) => party.run({ do: 'hang_up', which }),
    onLegState: (listener) => legStates.listen(listener),
    report: () => party.run({ do: 'report' }),
    leg7Packets: () => party.run({ do: 'leg7_packets' }),
    writePcap: (path) => party.run({ do: 'write_pcap', path }),
  };
}
