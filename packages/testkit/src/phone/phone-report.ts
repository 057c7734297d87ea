import type { TimedAudio } from '../audio/timed-audio.ts';
import type { SimSipTrace } from '../platform/sim-sip.ts';
import type { KeyTransport, PressedKey } from '../rtp/keypad.ts';
import type { RtpPhone } from '../rtp/rtp-phone.ts';

export interface ReportedKey extends PressedKey {
  readonly how: KeyTransport;
}

/** One stream that reached the phone. Times are on the host's clock (`hostNowMs`). */
export interface HeardStream {
  readonly source: string;
  readonly ssrc: number;
  readonly packets: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly payloadTypes: Readonly<Record<number, number>>;
}

/** What a phone did and what really reached it. Plain data: it goes from process to process as it is. */
export interface PhoneReport {
  readonly name: string;
  /** `host:port` of its media. */
  readonly media: string;
  /** Spoken at the moment; null between calls. */
  readonly codec: string | null;
  readonly packets: {
    readonly sent: number;
    readonly heard: number;
    readonly malformed: number;
    readonly notRecorded: number;
  };
  readonly heardStreams: readonly HeardStream[];
  readonly keys: readonly ReportedKey[];
  readonly sip: readonly SimSipTrace[];
  readonly sent: TimedAudio;
  readonly heard: TimedAudio;
}

export function phoneReport(parts: {
  readonly name: string;
  readonly codec: string | null;
  readonly rtp: RtpPhone;
  readonly keys: readonly ReportedKey[];
  readonly sip: readonly SimSipTrace[];
}): PhoneReport {
  const { name, codec, rtp, keys, sip } = parts;
  return {
    name,
    media: `${rtp.rtp.host}:${rtp.rtp.port}`,
    codec,
    packets: {
      sent: rtp.sentPackets,
      heard: rtp.heard.packets.length,
      malformed: rtp.heard.malformed,
      notRecorded: rtp.heard.beyondLimit,
    },
    heardStreams: heardStreams(rtp),
    keys: [...keys],
    sip: [...sip],
    sent: rtp.sent.timeline(),
    heard: rtp.heard.timeline(),
  };
}

function heardStreams(rtp: RtpPhone): HeardStream[] {
  const streams = new Map<string, HeardStream & { payloadTypes: Record<number, number> }>();
  for (const { source, ssrc, arrivalMs, payloadType } of rtp.heard.packets) {
    const from = `${source.host}:${source.port}`;
    const known = streams.get(`${from} ${ssrc}`);
    const payloadTypes = known?.payloadTypes ?? {};
    payloadTypes[payloadType] = (payloadTypes[payloadType] ?? 0) + 1;
    streams.set(`${from} ${ssrc}`, {
      source: from,
      ssrc,
      packets: (known?.packets ?? 0) + 1,
      firstMs: known?.firstMs ?? arrivalMs,
      lastMs: arrivalMs,
      payloadTypes,
    });
  }
  return [...streams.values()];
}
