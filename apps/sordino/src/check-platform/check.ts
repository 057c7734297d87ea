import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { EventEnvelope, PlatformObject } from '@sordino/core';
import type { Config } from '../config/schema.ts';
import { CallView } from './call-view.ts';
import {
  type CallKind,
  type CallOrder,
  type CallSeen,
  type Operator,
  playCall,
  type ReadyCall,
} from './conformance-call.ts';
import { judge } from './judge.ts';
import { Mutable } from './mute.ts';
import type { Patience } from './patience.ts';
import type { PlatformReport } from './report.ts';
import { SordinoUnderCheck } from './sordino-under-check.ts';

type Platform = Config['platforms'][number];

export interface CheckOptions {
  readonly config: Config;
  readonly platform: Platform;
  /** The platform's own id of the test call. */
  readonly callId: string;
  readonly ani: string | undefined;
  /** The platform's dialog with the customer: Sordino asks for the call by REFER, where the profile allows that. */
  readonly dialog: CallOrder['dialog'];
  /** Two more calls: how long INVITE 5 may wait, and what happens when our media stops. */
  readonly slow: boolean;
  readonly patience: Patience;
  readonly operator: Operator;
  /** Ends the check: the call that is up is handed back first. */
  readonly signal?: AbortSignal;
}

/** Digits asked for; with `#` the field ends at once. They are no card number, and whether they are a card's is never asked. */
const KEYS_FIELD = 'card_number';

/** Longest that the schema takes: the call must not end for our own reasons while the platform's are looked for. */
const LONGEST_STALL_MS = 60_000;

/** One whole call, with `slow` two more, and what they say about the platform. Rejects when Sordino cannot listen where it is configured. */
export async function checkPlatform(options: CheckOptions): Promise<PlatformReport> {
  const { patience, slow } = options;
  const { call, platform } = await wholeCall(options);
  const goesOn = (): boolean => slow && options.signal?.aborted !== true;
  const held = goesOn() ? await heldCall(options) : undefined;
  const silent = goesOn() ? await silentCall(options) : undefined;
  if (options.signal?.aborted) throw new Error('interrupted: the call was handed back');
  const findings = judge({
    platform,
    call: new CallView(call),
    held: held && new CallView(held),
    silent: silent && new CallView(silent.call),
    silentSinceMs: silent?.sinceMs,
    holdMs: patience.holdMs,
    lossMs: patience.lossMs,
  });
  const calls = [call, held, silent?.call].filter((seen) => seen !== undefined);
  return {
    platform: options.platform.id,
    ok: findings.every(({ verdict }) => verdict !== 'must_change'),
    findings,
    ladders: calls.map(({ ladder }) => ladder),
    log: calls.flatMap(({ log }) => log),
  };
}

async function wholeCall(options: CheckOptions): Promise<{ call: CallSeen; platform: PlatformObject }> {
  const { config, platform, operator, patience } = options;
  await using sordino = await SordinoUnderCheck.open(config, platform);
  const probed = await sordino.client.probePlatform(platform.id);
  if (!probed.ok) throw new Error(probed.error.message);
  const call = await playCall(sordino, {
    ...orderOf(options, 'whole'),
    whileReady: async ({ watch, session }: ReadyCall) => {
      await sordino.client.collect(session, KEYS_FIELD);
      operator.pressKeys();
      await watch.until(isKeyed, patience.keysMs);
    },
  });
  return { call, platform: probed.value };
}

/** Leg 7 goes to a socket of our own that never answers, so that INVITE 5 waits. */
async function heldCall(options: CheckOptions): Promise<CallSeen> {
  const { config, platform, patience } = options;
  const host = ownAddress(config.sip.listen[0]?.host ?? '127.0.0.1');
  const nobody = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    nobody.bind(0, host);
    await once(nobody, 'listening');
    const at = host.includes(':') ? `[${host}]` : host;
    const udp = { protocol: 'udp', host, port: 0 } as const;
    const hasUdp = config.sip.listen.some(({ protocol }) => protocol === 'udp');
    const held: Platform = {
      ...platform,
      return_uri: `sip:held@${at}:${nobody.address().port};transport=udp`,
      return_header: undefined,
      commit: 'after_leg7',
      timers: { ...platform.timers, leg7_answer_ms: patience.holdMs },
    };
    const sip = { ...config.sip, listen: hasUdp ? config.sip.listen : [...config.sip.listen, udp] };
    await using sordino = await SordinoUnderCheck.open({ ...config, sip }, held);
    return await playCall(sordino, { ...orderOf(options, 'held'), whileReady: async () => {} });
  } finally {
    nobody.close();
  }
}

/** Where what is bound to `host` can send to: all addresses are no address. */
const ownAddress = (host: string): string =>
  host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;

/** Both sides fall silent as if this machine had died, and Sordino's own timers wait. */
async function silentCall(options: CheckOptions): Promise<{ call: CallSeen; sinceMs: number | undefined }> {
  const { config, platform, patience } = options;
  const media = new Mutable();
  const patient: Platform = {
    ...platform,
    timers: { ...platform.timers, stalled_media_ms: LONGEST_STALL_MS },
  };
  await using sordino = await SordinoUnderCheck.open(config, patient, { observeMedia: media.observe });
  let sinceMs: number | undefined;
  const call = await playCall(sordino, {
    ...orderOf(options, 'silent'),
    whileReady: async ({ watch }) => {
      sinceMs = Date.now();
      media.muteAll();
      await watch.until(isLeaving, patience.lossMs);
    },
  });
  return { call, sinceMs };
}

function orderOf(options: CheckOptions, kind: CallKind): Omit<CallOrder, 'whileReady'> {
  const { platform, callId, ani, dialog, patience, operator, signal } = options;
  return {
    kind,
    platform: platform.id,
    callId,
    ani,
    dialog,
    patience,
    takeBackMs: platform.timers.take_back_ms,
    operator,
    signal,
  };
}

/** `#` ended the field, whatever the digits were worth. */
const isKeyed = ({ type }: EventEnvelope): boolean => type === 'field.rejected' || type === 'field.captured';

const isLeaving = ({ type }: EventEnvelope): boolean =>
  type === 'session.restoring' || type === 'session.lost' || type === 'session.canceled';
