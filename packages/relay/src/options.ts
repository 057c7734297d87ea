import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import type { Log } from '@sordino/core';
import { LOOKBACK_MS_DEFAULT, LOOKBACK_MS_MAX } from '@sordino/media';
import type { Prompts } from './prompts/load-prompts.ts';
import { pairsIn } from './worker/port-pair.ts';
import { RTCP_INTERVAL_MS } from './worker/rtcp-timing.ts';

export interface MediaRelayOptions {
  /** Threads; 1 to 64. A call lives in one of them. */
  readonly workers: number;
  /** IP literal that the sockets bind to. */
  readonly host: string;
  /** What SDP shows instead, where the host is behind a one-to-one NAT or is a wildcard. */
  readonly advertisedHost?: string;
  /** Inclusive UDP range, shared out among the workers; a call takes four ports of it. `0/0`: any free ports. */
  readonly ports: { readonly min: number; readonly max: number };
  /** Fixed delay of the customer's audio: whole ms; less than the default of 30 leaks the onset of tones, more only delays people. */
  readonly lookbackMs?: number;
  /** RFC 3550 §6.2 recommends 5000 ms and that is the default; tests shorten it. */
  readonly rtcpIntervalMs?: number;
  /** Default `auto`: the addon where it can be compiled, else `node:dgram`. */
  readonly packetIo?: PacketIoChoice;
  /** Default false: the thread that shakes hands starts with the first bridge that wants DTLS-SRTP, which waits for it. */
  readonly dtls?: boolean;
  /** What `play` can play by name, beside the flat tone; see `loadPrompts`. */
  readonly prompts?: Prompts;
  /** Whether `maskOff` of a bridge is obeyed. Never where cards are real. */
  readonly rehearsals?: boolean;
  /** Default false. One worker more, idle and warm, so that the calls of a lost one are moved at once. */
  readonly spareWorker?: boolean;
  readonly log: Log;
}

/**
 * How workers handle datagrams. `native`: by the addon, which takes all that came with one wake-up and one call; needs Linux, a C++
 * compiler and Node's headers. `dgram`: by Node itself.
 */
export type PacketIoChoice = 'auto' | 'dgram' | 'native';

/** More threads than any machine has cores for: a typing error, not a wish. */
const WORKERS_MAX = 64;

/** What one core relays with inspection on (measured: about 400 calls at p99 5 ms, 800 at its limit). */
export const BRIDGES_PER_WORKER_MAX = 800;

/** A pair for the customer's side and one for the clean side. */
const PAIRS_PER_BRIDGE = 2;

export interface CheckedOptions extends Required<Omit<MediaRelayOptions, 'log'>> {
  readonly log: Log;
}

/** Throws a `RangeError` that names the option, what it is and what it can be. */
export function checkOptions(options: MediaRelayOptions): CheckedOptions {
  const {
    workers,
    host,
    ports,
    lookbackMs = LOOKBACK_MS_DEFAULT,
    rtcpIntervalMs = RTCP_INTERVAL_MS,
    packetIo = 'auto',
    spareWorker = false,
    dtls = false,
    prompts = new Map<string, Int16Array>(),
    rehearsals = false,
  } = options;
  const advertisedHost = options.advertisedHost ?? host;
  if (!Number.isInteger(workers) || workers < 1 || workers > WORKERS_MAX)
    throw new RangeError(
      `relay workers is ${workers}; it must be 1 to ${WORKERS_MAX}, for example ${availableParallelism()}`,
    );
  if (isIP(host) === 0)
    throw new RangeError(`relay host is ${JSON.stringify(host)}; it must be an IP address such as 127.0.0.1`);
  if (isIP(advertisedHost) === 0 || advertisedHost === '0.0.0.0' || advertisedHost === '::')
    throw new RangeError(
      `relay advertisedHost is ${JSON.stringify(advertisedHost)}; it must be the IP address that peers can reach`,
    );
  if (!Number.isInteger(lookbackMs) || lookbackMs < 0 || lookbackMs > LOOKBACK_MS_MAX)
    throw new RangeError(`relay lookbackMs is ${lookbackMs}; it must be 0 to ${LOOKBACK_MS_MAX}`);
  if (!(rtcpIntervalMs > 0))
    throw new RangeError(`relay rtcpIntervalMs is ${rtcpIntervalMs}; it must be positive`);
  if (!['auto', 'dgram', 'native'].includes(packetIo))
    throw new RangeError(`relay packetIo is ${JSON.stringify(packetIo)}; it must be auto, dgram or native`);
  checkPorts(ports, workers);
  return {
    workers,
    host,
    advertisedHost,
    ports,
    lookbackMs,
    rtcpIntervalMs,
    packetIo,
    spareWorker,
    dtls,
    prompts,
    rehearsals,
    log: options.log,
  };
}

function checkPorts(ports: MediaRelayOptions['ports'], workers: number): void {
  const { min, max } = ports;
  if (min === 0 && max === 0) return;
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 1 || max > 65_535 || min > max)
    throw new RangeError(`relay ports are ${min}-${max}; use 0-0 (any) or a range such as 20000-29999`);
  const needed = workers * PAIRS_PER_BRIDGE;
  if (pairsIn(ports) < needed)
    throw new RangeError(
      `relay ports ${min}-${max} hold ${pairsIn(ports)} even/odd pairs; ${workers} workers need at least ${needed}`,
    );
}
