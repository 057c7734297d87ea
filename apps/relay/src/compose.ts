import type { Log } from '@sordino/core';
import { loadPrompts, openMediaRelay, type PacketIoChoice, type ThreadedMediaRelay } from '@sordino/relay';

/** What an operator sets; the process that reads it has checked it (YAML or environment). */
export interface RelayConfig {
  /** Threads; one per core is right. */
  readonly workers: number;
  /** IP address that the media sockets bind to. */
  readonly host: string;
  /** What SDP shows instead, behind a one-to-one NAT. */
  readonly advertisedHost?: string | undefined;
  /** Inclusive UDP range, four ports a call; `0/0`: any free ports. */
  readonly ports: { readonly min: number; readonly max: number };
  /** Fixed delay of the customer's audio while engaged. */
  readonly lookbackMs?: number | undefined;
  /** `auto`: the packet addon where it can be compiled, else `node:dgram`. */
  readonly packetIo?: PacketIoChoice | undefined;
  /** Folder of WAV files that can be played. */
  readonly prompts?: string | undefined;
  /** Some platform has DTLS-SRTP. */
  readonly dtls?: boolean;
  /** Whether a test call can have its mask switched off, to rehearse what happens then. */
  readonly rehearsals?: boolean;
}

/** Starts the media relay that a configuration describes. Rejects with an error that names the setting that is wrong. */
export async function composeRelay(config: RelayConfig, log: Log): Promise<ThreadedMediaRelay> {
  const {
    workers,
    host,
    advertisedHost,
    ports,
    lookbackMs,
    packetIo,
    prompts,
    dtls,
    rehearsals = false,
  } = config;
  return openMediaRelay({
    workers,
    host,
    ports,
    rehearsals,
    log,
    // An absent setting is not the same as `undefined` to the relay.
    ...(advertisedHost === undefined ? {} : { advertisedHost }),
    ...(lookbackMs === undefined ? {} : { lookbackMs }),
    ...(packetIo === undefined ? {} : { packetIo }),
    ...(prompts === undefined ? {} : { prompts: await loadPrompts(prompts) }),
    ...(dtls === undefined ? {} : { dtls }),
  });
}
