import { type CreateStripper, SRTP_SUITES, type SrtpKeys } from '@sordino/media';
import { SideCrypto } from './side-crypto.ts';

/** Four seconds of audio: every loop of the path has run often enough for the compiler, in about 40 ms of start-up. */
const WARM_UP_PACKETS = 200;
const PACKET_MS = 20;
const PACKET_SAMPLES = 160;

/**
 * Runs the customer's path on invented audio before the first call, so that the first call does not pay for the compiler with
 * late packets. What comes out goes nowhere.
 */
export function warmUp(createStripper: CreateStripper): void {
  const stripper = createStripper(
    {
      customerCodec: 'PCMU',
      customerAudioPayloadType: 0,
      customerEventPayloadType: 101,
      cleanCodec: 'PCMU',
      packetTimeMs: PACKET_MS,
      lookbackMs: 30,
      mask: { style: 'silence', hold: 'per_key' },
    },
    { cleanFrame() {}, key() {}, transportUnexpected() {} },
  );
  const payload = new Uint8Array(PACKET_SAMPLES);
  for (let sequence = 0; sequence < WARM_UP_PACKETS; sequence += 1) {
    // A different frame each time, loud enough that no stage may skip it.
    for (let sample = 0; sample < PACKET_SAMPLES; sample += 1)
      payload[sample] = (sequence * 31 + sample * 7) & 0xff;
    const nowMs = sequence * PACKET_MS;
    stripper.packet(
      { payloadType: 0, marker: false, sequence, timestamp: sequence * PACKET_SAMPLES, ssrc: 1, payload },
      nowMs,
    );
    stripper.tick(nowMs + PACKET_MS / 2);
  }
  stripper.wipe();
}

/** Half a second of audio for each suite: the ciphers of the platform are loaded and the loops around them compiled. */
const WARM_UP_SRTP_PACKETS = 25;

/** The same for SRTP: the first key of a cold thread would hold its bridge, and every other one, for some packets. */
export function warmUpSrtp(): void {
  for (const { name, keyBytes, saltBytes } of SRTP_SUITES) {
    const keys = (): SrtpKeys => ({
      suite: name,
      masterKey: new Uint8Array(keyBytes),
      masterSalt: new Uint8Array(saltBytes),
    });
    const side = new SideCrypto();
    side.setKeys({ local: keys(), remote: keys() }, false);
    const packet = new Uint8Array(12 + PACKET_SAMPLES);
    packet[0] = 0x80;
    for (let sequence = 0; sequence < WARM_UP_SRTP_PACKETS; sequence += 1) {
      packet[3] = sequence;
      const sent = side.protectRtp(packet);
      if (sent !== undefined) side.unprotectRtp(sent);
      const report = side.protectRtcp(packet);
      if (report !== undefined) side.unprotectRtcp(report);
    }
    side.wipe();
  }
}
