/** `npm run bench:srtp`: what SRTP costs per packet and suite, beside werift's where it has the suite. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import {
  createSrtpReceiver,
  createSrtpSender,
  SRTP_SUITES,
  SRTP_TRAILER_BYTES_MAX,
  type SrtpKeys,
} from '@sordino/media';
import { RtpPacket, SrtpSession } from 'werift-rtp';
import { createAes } from '../worker/aes.ts';
import { measureHandshakes } from './handshakes.ts';

const HELP = `bench:srtp: CPU time per packet of 20 ms G.711, protected and opened again

  --quick           some seconds
  --report FILE     the figures as JSON
`;

/** 20 ms of G.711 and its header. */
const PACKET_BYTES = 172;
const BATCH_PACKETS = 500;
/** RFC 5764 §4.1.2 and RFC 7714 §14.2: the two that werift has. */
const WERIFT_PROFILES = new Map([
  ['AES_CM_128_HMAC_SHA1_80', 0x0001],
  ['AEAD_AES_128_GCM', 0x0007],
] as const);

interface Codec {
  protect(packet: Buffer): Buffer;
  open(packet: Buffer): void;
}

interface Cost {
  readonly protectUs: number;
  readonly openUs: number;
}

async function measureAll(batches: number, handshakes: number): Promise<void> {
  const figures: Record<
    string,
    { value: number; unit: string; baseline: number | null; ratio: number | null }
  > = {};
  for (const { name, keyBytes, saltBytes } of SRTP_SUITES) {
    const keys: SrtpKeys = {
      suite: name,
      masterKey: new Uint8Array(randomBytes(keyBytes)),
      masterSalt: new Uint8Array(randomBytes(saltBytes)),
    };
    const ours = measure(own(keys), batches);
    const profile = WERIFT_PROFILES.get(name as 'AEAD_AES_128_GCM');
    const theirs = profile === undefined ? undefined : measure(werift(keys, profile), batches / 4);
    for (const step of ['protectUs', 'openUs'] as const) {
      const [value, baseline] = [hundredths(ours[step]), theirs ? hundredths(theirs[step]) : null];
      const ratio = baseline === null ? null : hundredths(value / baseline);
      const figure = `${step === 'openUs' ? 'open' : 'protect'}_us ${name}`;
      figures[figure] = { value, unit: 'us/packet', baseline, ratio };
      console.log(`${figure.padEnd(36)} ${String(value).padStart(6)}   werift ${baseline ?? '-'}`);
    }
  }
  const { certificateMs, handshakeMs } = await measureHandshakes(handshakes);
  for (const [figure, cost] of [
    ['dtls_certificate_ms', certificateMs],
    ['dtls_handshake_both_ends_ms', handshakeMs],
  ] as const) {
    figures[figure] = { value: hundredths(cost), unit: 'ms', baseline: null, ratio: null };
    console.log(`${figure.padEnd(36)} ${String(hundredths(cost)).padStart(6)}`);
  }
  if (values.report !== undefined) await writeFile(values.report, `${JSON.stringify(figures, null, 2)}\n`);
}

/** CPU time, best of the thirds: what the machine does beside us is none of it. */
function measure(codec: Codec, batches: number): Cost {
  const thirds: Cost[] = [];
  let sequence = 0;
  for (let third = 0; third < 3; third++) {
    let [protectUs, openUs] = [0, 0];
    for (let batch = 0; batch < batches; batch++) {
      const plain = Array.from({ length: BATCH_PACKETS }, () => packetOf(sequence++ & 0xffff));
      const started = cpuUs();
      const sealed = plain.map((packet) => codec.protect(packet));
      const between = cpuUs();
      for (const packet of sealed) codec.open(packet);
      openUs += cpuUs() - between;
      protectUs += between - started;
    }
    const packets = batches * BATCH_PACKETS;
    thirds.push({ protectUs: protectUs / packets, openUs: openUs / packets });
  }
  return {
    protectUs: Math.min(...thirds.map((third) => third.protectUs)),
    openUs: Math.min(...thirds.map((third) => third.openUs)),
  };
}

function own(keys: SrtpKeys): Codec {
  const [sender, receiver] = [createSrtpSender(keys, createAes), createSrtpReceiver(keys, createAes)];
  return {
    protect: (packet) => packet.subarray(0, sender.protectRtp(packet, PACKET_BYTES)),
    open: (packet) => {
      if (receiver.unprotectRtp(packet, packet.length) !== PACKET_BYTES) throw new Error('not opened');
    },
  };
}

/** With its packet objects, as its own stack does. */
function werift({ masterKey, masterSalt }: SrtpKeys, profile: 0x0001 | 0x0007): Codec {
  const [key, salt] = [Buffer.from(masterKey), Buffer.from(masterSalt)];
  const keys = { localMasterKey: key, localMasterSalt: salt, remoteMasterKey: key, remoteMasterSalt: salt };
  const session = new SrtpSession({ profile, keys });
  return {
    protect: (packet) => {
      const { header, payload } = RtpPacket.deSerialize(packet.subarray(0, PACKET_BYTES));
      return session.encrypt(payload, header);
    },
    open: (packet) => {
      session.decrypt(packet);
    },
  };
}

function packetOf(sequence: number): Buffer {
  const packet = Buffer.alloc(PACKET_BYTES + SRTP_TRAILER_BYTES_MAX, 0xd5);
  packet.writeUInt32BE(0x8000_0000 + sequence, 0);
  packet.writeUInt32BE(7, 8);
  return packet;
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    report: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else await measureAll(values.quick ? 40 : 400, values.quick ? 20 : 100);
