import { createStripper } from '@sordino/media';
import { WasmOpus } from '@sordino/relay';
import type { Spandsp } from '@sordino/testkit';
import { type CallPlan, unmasked } from '../plan/call-plan.ts';
import { AUDIO_PAYLOAD_TYPE, TIMESTAMPS_PER_SAMPLE } from '../plan/line-codec.ts';
import { Ear } from './ear.ts';
import { type CallOutcome, type CapturedKey, keyOfCode } from './outcome.ts';

/** Loaded once: it serves every call, as in a worker of the relay. */
const opus = new WasmOpus();
const TICK_MS = 5;
const SSRC_OF_PHONE = [0x1001, 0x2002] as const;
/** What is due at the end still comes. */
const DRAIN_MS = 200;

/** Sends a call through the relay's stripper alone, on a clock of its own: as fast as the machine can. */
export async function runOffline(plan: CallPlan, lookbackMs: number, spandsp: Spandsp): Promise<CallOutcome> {
  const heard = new Ear();
  let timestamp = 0;
  const captured: CapturedKey[] = [];
  let cleanCodec = plan.cleanCodec;
  const route = {
    customerCodec: plan.customerCodec,
    customerAudioPayloadType: AUDIO_PAYLOAD_TYPE[plan.customerCodec],
    customerEventPayloadType: plan.eventPayloadType,
  };
  const stripper = createStripper(
    { ...route, cleanCodec, packetTimeMs: 20, opus, lookbackMs, mask: plan.mask },
    {
      cleanFrame: (payload, _, ticks) => {
        heard.take(AUDIO_PAYLOAD_TYPE[cleanCodec], timestamp, payload);
        timestamp += ticks * TIMESTAMPS_PER_SAMPLE[cleanCodec];
      },
      key: (code, _, onsetMs) => captured.push({ key: keyOfCode(code), atMs: onsetMs }),
      transportUnexpected: () => {},
      shortKey: () => {},
    },
  );
  stripper.setCollecting(true);
  const packets = plan.packets.values();
  const changes = plan.changes.values();
  let [packet, change] = [packets.next(), changes.next()];
  for (let nowMs = 0; nowMs <= plan.durationMs + DRAIN_MS; nowMs += TICK_MS) {
    for (; !change.done && change.value.atMs <= nowMs; change = changes.next()) {
      if (change.value.side === 'clean') cleanCodec = change.value.codec;
      stripper.reconfigure({ ...route, cleanCodec });
    }
    for (; !packet.done && packet.value.atMs <= nowMs; packet = packets.next()) {
      stripper.packet({ ...packet.value, ssrc: SSRC_OF_PHONE[packet.value.phone] }, packet.value.atMs);
    }
    stripper.tick(nowMs);
  }
  return { plan, masked: await heard.heard(spandsp), unmasked: unmasked(plan), captured, lookbackMs };
}
