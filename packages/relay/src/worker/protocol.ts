import type { LeakSign, LegQuality, MaskHold, MaskStyle, OneWay, SealedKey, SessionId } from '@sordino/core';
import type {
  BridgeFigures,
  BridgePorts,
  BridgeSide,
  IceCredentials,
  MediaDescription,
  PlayOutcome,
  SrtpPair,
} from '@sordino/interception';
import type { Prompts } from '../prompts/load-prompts.ts';
import type { PortFigures } from './port-pair.ts';

/**
 * What main thread and relay worker say to each other. Requests carry an id that the main thread owns; each is answered once,
 * in any order. Events are not answered. No plaintext key ever travels from the worker; one kind travels to it
 * (`seal_info_key`), in a buffer that is transferred, not copied.
 */
export type Request = { readonly id: number } & RequestBody;

/** Number of a bridge: given by the main thread, never used twice in the life of a worker. */
export type BridgeNumber = number;

export type RequestBody =
  /** Reserves two port pairs and arms the mask. Answer: `opened`, or error `no_ports`, `overloaded`. */
  | {
      readonly type: 'open';
      readonly bridge: BridgeNumber;
      readonly session: SessionId;
      readonly sealTo: Uint8Array;
      readonly mask: { readonly style: MaskStyle; readonly hold: MaskHold };
      readonly firstKeySeq: number;
      /** Undefined: without DTLS-SRTP. */
      readonly ice?: Readonly<Record<BridgeSide, IceCredentials>> | undefined;
    }
  /** From now on this is the peer of that side. Answer: `done`, or error `bad_peer`. */
  | {
      readonly type: 'set_peer';
      readonly bridge: BridgeNumber;
      readonly side: BridgeSide;
      readonly peer: MediaDescription;
    }
  /** The keys of a handshake. Answer: `done`. */
  | {
      readonly type: 'set_keys';
      readonly bridge: BridgeNumber;
      readonly side: BridgeSide;
      readonly keys: SrtpPair;
    }
  /** A DTLS datagram to the peer. Answer: `done`. */
  | {
      readonly type: 'send_dtls';
      readonly bridge: BridgeNumber;
      readonly side: BridgeSide;
      readonly datagram: Uint8Array;
    }
  /** A field is (no longer) being collected. Answer: `done`. */
  | { readonly type: 'set_collecting'; readonly bridge: BridgeNumber; readonly collecting: boolean }
  /** In place of the other side's audio, until it ends. Answer: `done`, or error `no_prompt`. */
  | {
      readonly type: 'play';
      readonly bridge: BridgeNumber;
      readonly side: BridgeSide;
      readonly prompt: string;
    }
  /** Answer: `done`, whether anything was playing or not. */
  | { readonly type: 'stop_playing'; readonly bridge: BridgeNumber; readonly side: BridgeSide }
  /** A key from SIP INFO: 256 bytes, the RFC 4733 code in the first. Answer: `done`. */
  | {
      readonly type: 'seal_info_key';
      readonly bridge: BridgeNumber;
      readonly plaintext: ArrayBuffer;
      readonly atMs: number;
    }
  /** A rehearsal: nothing that comes as audio is masked any more. Answer: `done`; `bad_request` where the worker takes no rehearsals. */
  | { readonly type: 'mask_off'; readonly bridge: BridgeNumber }
  /** Answer: `figures`. */
  | { readonly type: 'figures'; readonly bridge: BridgeNumber }
  /** Stops, wipes, says BYE, frees the ports; all keys taken so far have been sent as events before the answer: `figures`. */
  | { readonly type: 'close'; readonly bridge: BridgeNumber }
  /** A spare gets the ports of the worker whose place it takes. Answer: `done`. */
  | { readonly type: 'take_place'; readonly ports: { readonly min: number; readonly max: number } }
  /** Answer: `stats`. */
  | { readonly type: 'stats' };

export type Response =
  | { readonly type: 'ok'; readonly id: number; readonly value: ResponseValue }
  | { readonly type: 'error'; readonly id: number; readonly code: ErrorCode; readonly message: string };

export type ResponseValue =
  | {
      readonly type: 'opened';
      readonly customer: BridgePorts;
      readonly clean: BridgePorts;
      readonly lookbackMs: number;
    }
  | { readonly type: 'done' }
  | { readonly type: 'figures'; readonly figures: BridgeFigures }
  | { readonly type: 'stats'; readonly stats: WorkerStats };

/**
 * `no_ports`: no free pair in this worker's range. `overloaded`: the loop is late or the worker has its full number of bridges.
 * `no_prompt`: nothing of this name was loaded. `bad_peer`: the address cannot be used; the side keeps its old peer. `no_bridge`: closed, or never opened here.
 * `bad_request`: the message is not of this protocol. `failed`: anything else; `message` says what.
 */
export type ErrorCode =
  | 'no_prompt'
  | 'no_ports'
  | 'overloaded'
  | 'bad_peer'
  | 'no_bridge'
  | 'bad_request'
  | 'failed';

export type WorkerEvent =
  /** The worker takes requests. First message of every worker. */
  | { readonly type: 'ready' }
  | {
      readonly type: 'media_started' | 'media_resumed';
      readonly bridge: BridgeNumber;
      readonly side: BridgeSide;
      readonly atMs: number;
    }
  | {
      readonly type: 'media_stalled';
      readonly bridge: BridgeNumber;
      readonly side: BridgeSide;
      readonly silentMs: number;
    }
  | {
      readonly type: 'media_quality';
      readonly bridge: BridgeNumber;
      readonly side: BridgeSide;
      readonly sample: LegQuality;
    }
  | {
      readonly type: 'one_way';
      readonly bridge: BridgeNumber;
      readonly side: BridgeSide;
      readonly oneWay: OneWay | null;
    }
  /** A DTLS datagram of the peer: for the handshake thread. */
  | {
      readonly type: 'dtls_arrived';
      readonly bridge: BridgeNumber;
      readonly side: BridgeSide;
      readonly datagram: Uint8Array;
    }
  | {
      readonly type: 'play_ended';
      readonly bridge: BridgeNumber;
      readonly side: BridgeSide;
      readonly prompt: string;
      readonly outcome: PlayOutcome;
    }
  | { readonly type: 'clean_audio_flowing'; readonly bridge: BridgeNumber; readonly atMs: number }
  | { readonly type: 'key_sealed'; readonly bridge: BridgeNumber; readonly key: SealedKey }
  | {
      readonly type: 'transport_unexpected';
      readonly bridge: BridgeNumber;
      readonly transport: 'rfc4733' | 'inband';
    }
  /** A key was shorter than receivers have to hear. Which one, nobody says. */
  | { readonly type: 'short_key'; readonly bridge: BridgeNumber }
  /** Leg 7 is muted. Once for each incident. */
  | { readonly type: 'leak_suspected'; readonly bridge: BridgeNumber; readonly sign: LeakSign }
  /** Something for the log that does not end the bridge. */
  | { readonly type: 'trouble'; readonly bridge: BridgeNumber | null; readonly message: string };

export type FromWorker = Response | WorkerEvent;

/** What was refused or went wrong, over all bridges that the worker had. Counts only. */
export interface Troubles {
  readonly malformed: number;
  readonly foreign: number;
  /** Packets of a second SSRC that was not (yet) taken as a restart. */
  readonly suspectStreamPackets: number;
  readonly streamRestarts: number;
  /** SRTP and SRTCP whose tag is not of the peer's key; and those that were seen before. */
  readonly srtpUnauthentic: number;
  readonly srtpReplayed: number;
  /** Packets or ticks that threw, sends that the system refused. */
  readonly faults: number;
  /** Platform packets of a type that was not negotiated (telephone-events above all). */
  readonly droppedTowardsCustomer: number;
  /** Times that leg 7 was muted because of what was heard on it. Anything but 0 is an incident. */
  readonly leaksSuspected: number;
}

export interface WorkerStats {
  readonly bridges: number;
  /** Mean lateness of the loop over about the last second. */
  readonly loopLagMs: number;
  /** Collections of garbage in the thread since it began. */
  readonly gc: { readonly pauses: number; readonly totalMs: number; readonly maxMs: number };
  readonly badRequests: number;
  readonly ports: PortFigures;
  readonly troubles: Troubles;
}

/** How a worker is started. */
export interface WorkerSettings {
  readonly host: string;
  readonly advertisedHost: string;
  /** Null: a spare, which has none until it takes the place of a lost worker. */
  readonly ports: { readonly min: number; readonly max: number } | null;
  readonly lookbackMs: number;
  readonly bridgesMax: number;
  readonly rtcpIntervalMs: number;
  /** File of the packet addon; null: `node:dgram`. */
  readonly addon: string | null;
  readonly prompts: Prompts;
  /** `mask_off` is obeyed. */
  readonly rehearsals: boolean;
}
