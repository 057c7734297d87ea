import type { LegRole, LegStateChange } from '@sordino/core';
import type { SipDialogId } from '@sordino/interception';
import type { SpokenCodec } from '../audio/codec.ts';
import type { Voice } from '../audio/speech.ts';
import type { PhoneReport } from '../phone/phone-report.ts';
import type { CallOutcome, PhoneAnswers, PressKeys } from '../phone/simulated-phone.ts';
import type { DiversionEnd, DivertOutcome, DivertRequest } from '../platform/divert-request.ts';
import type { CapturedPacket } from '../platform/packet-capture.ts';
import type { WhenAgentLeaves } from '../platform/platform-call.ts';
import type { ReferBehaviour } from '../platform/serve-refer.ts';
import type { SimTls } from '../platform/sim-sip.ts';
import type { PlatformReport } from '../platform/simulated-platform.ts';
import type { Security } from '../rtp/secure-media.ts';

/**
 * What the driver of the world and its parties say to each other. Everything is plain data for the structured clone of Node's
 * IPC (`serialization: 'advanced'`): typed arrays travel as they are.
 */

/** A phone, customer's or agent's, that speaks with a synthetic voice. */
export interface PhoneSetup {
  readonly name: string;
  /** User part of its URI; the caller's number. */
  readonly number: string;
  readonly host: string;
  /** Of SIP alone; default: `host`. */
  readonly sipHost?: string | undefined;
  /** Best first. */
  readonly codecs?: readonly SpokenCodec[];
  /** `null`: no telephone-event. */
  readonly eventPayloadType?: number | null;
  readonly answers?: PhoneAnswers;
  readonly srtp?: Security | undefined;
  readonly voice: { readonly seed: number; readonly kind: Voice };
}

export interface PlatformSetup {
  readonly host: string;
  /** Of SIP alone; default: `host`. */
  readonly sipHost?: string | undefined;
  readonly tls?: SimTls | undefined;
  readonly minSeS?: number | undefined;
  readonly agentUri: string;
  readonly codecs?: readonly SpokenCodec[];
  /** SRTP towards the customer and Sordino. */
  readonly srtp?: Security | undefined;
  readonly whenAgentLeaves?: WhenAgentLeaves;
}

export type PhoneCommand =
  /** Places a call. Result: answered or not. */
  | { readonly do: 'call'; readonly target: string }
  /** Result when a call is up, placed or taken. */
  | { readonly do: 'until_established' }
  /** Result when the call that is up is over. */
  | { readonly do: 'until_ended' }
  /** Result when the last key is up again. */
  | { readonly do: 'press'; readonly keys: string; readonly options: PressKeys }
  /** Re-INVITE `inactive`, or back to `sendrecv`. Result: the final status. */
  | { readonly do: 'hold' }
  | { readonly do: 'resume' }
  /** RTP stops and starts; SIP goes on. */
  | { readonly do: 'mute' }
  | { readonly do: 'unmute' }
  | { readonly do: 'hang_up' }
  | { readonly do: 'report' };

/** What each command of a phone results in. */
export interface PhoneResults {
  call: CallOutcome;
  until_established: undefined;
  until_ended: undefined;
  press: undefined;
  hold: number;
  resume: number;
  mute: undefined;
  unmute: undefined;
  hang_up: undefined;
  report: PhoneReport;
}

/** All commands are about the call that came last, and its last diversion. */
export type PlatformCommand =
  /** Result when legs 1 and 2 are up. */
  | { readonly do: 'until_established' }
  | { readonly do: 'until_ended' }
  /** Result: the platform's side of the customer's dialog. */
  | { readonly do: 'dialog' }
  /** Result when the agent hears leg 7, or when it is clear that it will not. */
  | { readonly do: 'divert'; readonly request: DivertRequest }
  /** Does what the next REFER asks for. Result as of `divert`. */
  | { readonly do: 'take_refer'; readonly behaviour: ReferBehaviour }
  /** Result when legs 5 and 7 are gone. */
  | { readonly do: 'until_over' }
  /** We release leg 5 and restore. */
  | { readonly do: 'release' }
  /** Restores where `neverTakesCustomerBack` kept us from it. */
  | { readonly do: 'take_customer_back' }
  /** Re-INVITE on a leg of Sordino. Result: the final status. */
  | {
      readonly do: 'hold';
      readonly which: 'leg5' | 'leg7';
      readonly direction: 'sendonly' | 'inactive' | 'sendrecv';
    }
  | { readonly do: 'update_connected_line' }
  /** REFER on a leg of Sordino. Result: the final status. */
  | { readonly do: 'refer'; readonly which: 'leg5' | 'leg7'; readonly referTo: string }
  /** BYE on one leg, just so. */
  | { readonly do: 'hang_up'; readonly which: 'customer' | 'agent' | 'leg5' | 'leg7' }
  | { readonly do: 'report' }
  /** Result: RTP and RTCP of leg 7 as they came in. */
  | { readonly do: 'leg7_packets' }
  /** Writes them as pcap. */
  | { readonly do: 'write_pcap'; readonly path: string };

export interface PlatformResults {
  until_established: undefined;
  until_ended: undefined;
  dialog: SipDialogId | undefined;
  divert: DivertOutcome;
  take_refer: DivertOutcome;
  until_over: DiversionEnd;
  release: undefined;
  take_customer_back: undefined;
  hold: number;
  update_connected_line: number;
  refer: number;
  hang_up: undefined;
  report: PlatformReport;
  leg7_packets: readonly CapturedPacket[];
  write_pcap: undefined;
}

/** How a party can be reached once it is open. */
export interface PartyAddress {
  /** Where calls to it go. */
  readonly uri: string;
  /** Of the platform: where Sordino sends leg 7. */
  readonly returnUri?: ReturnUris;
  /** Of the platform: where Sordino sends REFER. */
  readonly referUri?: string;
}

/** Where the platform takes leg 7, by transport. `tls` only where it has a certificate. */
export interface ReturnUris {
  readonly udp: string;
  readonly tcp: string;
  readonly tls?: string;
}

/** Unasked for: a leg of the platform changed its state. */
export interface LegStateEvent {
  readonly role: LegRole;
  readonly cycle: number;
  readonly change: LegStateChange;
}

/** To a party's process. `start` is the first message and comes once; `stop` is the last, and ends the process. */
export type ToParty<Setup, Command> =
  | { readonly type: 'start'; readonly setup: Setup }
  | { readonly type: 'command'; readonly id: number; readonly command: Command }
  | { readonly type: 'stop' };

/** From a party's process. Each command has exactly one result. */
export type FromParty =
  | { readonly type: 'started'; readonly address: PartyAddress }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'result'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly type: 'result'; readonly id: number; readonly ok: false; readonly message: string }
  | { readonly type: 'leg_state'; readonly event: LegStateEvent };
