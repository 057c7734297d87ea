/** Sordino's media relay in a process of its own, one worker thread, for the benchmark. */
import { generateKeyPairSync } from 'node:crypto';
import { type Log, makeId, type SessionId } from '@sordino/core';
import type { MediaBridgeHandlers, MediaDescription, SrtpPair } from '@sordino/interception';
import { openMediaRelay, type PacketIoChoice, type ThreadedMediaRelay } from '@sordino/relay';
import { randomBytes } from '@sordino/sordino';
import type { RelayAnswer, RelayRequest } from './relay-protocol.ts';
import {
  GENERATOR_KEY,
  type Media,
  OPUS_PAYLOAD_TYPE,
  type RelayTroubles,
  SRTP_KEY_BYTES,
} from './relay-under-test.ts';

const HOST = '127.0.0.1';
const MS_PER_S = 1_000;

const log: Log = {
  debug: () => {},
  info: () => {},
  warn: (message, fields) => console.error(message, fields),
  error: (message, fields) => console.error(message, fields),
};

const deaf: MediaBridgeHandlers = {
  mediaStarted() {},
  cleanAudioFlowing() {},
  mediaStalled() {},
  mediaResumed() {},
  mediaQuality() {},
  oneWay() {},
  keySealed() {},
  transportUnexpected() {},
  shortKey() {},
  handshakeRefused() {},
  playEnded() {},
  leakSuspected() {},
  workerLost() {
    throw new Error('the worker of the relay is lost');
  },
};

const sealTo = Buffer.from(
  generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }).x ?? '',
  'base64url',
);

/** A key of its own for each leg, and the generator's. */
function someKeys(): SrtpPair {
  const suite = 'AES_CM_128_HMAC_SHA1_80';
  const keys = (bytes: Uint8Array) => ({
    suite,
    masterKey: bytes.slice(0, SRTP_KEY_BYTES),
    masterSalt: bytes.slice(SRTP_KEY_BYTES),
  });
  return { local: keys(randomBytes(GENERATOR_KEY.length)), remote: keys(GENERATOR_KEY) } as SrtpPair;
}

const textOf = ({ local }: SrtpPair): string =>
  Buffer.concat([local.masterKey, local.masterSalt]).toString('hex');

const peer = (port: number, media: Media, srtp: SrtpPair | undefined): MediaDescription => ({
  rtp: { host: HOST, port },
  // Nobody is there: reports go out, as they do in a call.
  rtcp: { host: HOST, port: 9 },
  codec: media === 'Opus' ? 'opus' : 'PCMU',
  audioPayloadType: media === 'Opus' ? OPUS_PAYLOAD_TYPE : 0,
  eventPayloadType: undefined,
  packetTimeMs: 20,
  direction: 'sendrecv',
  srtp,
});

let before = { atMs: performance.now(), gcMs: 0 };

/** A stall of the machine makes a worker refuse calls for a moment; the load waits, it does not give up. */
const OPEN_TRIES = 50;
const OPEN_PAUSE_MS = 100;

async function whenThereIsRoom(relay: ThreadedMediaRelay): ReturnType<ThreadedMediaRelay['open']> {
  for (let tries = 1; ; tries += 1) {
    const opened = await relay.open(
      {
        session: makeId<SessionId>('ses', randomBytes),
        sealTo,
        mask: { style: 'silence', hold: 'per_key' },
        firstKeySeq: 0,
      },
      deaf,
    );
    if (opened.ok || opened.problem !== 'overloaded' || tries === OPEN_TRIES) return opened;
    await new Promise((resume) => setTimeout(resume, OPEN_PAUSE_MS));
  }
}

async function answerTo(relay: ThreadedMediaRelay, request: RelayRequest): Promise<RelayAnswer> {
  if (request.type === 'troubles') return { type: 'troubles', troubles: await troubles(relay) };
  const opened = await whenThereIsRoom(relay);
  if (!opened.ok) return { type: 'failed', problem: opened.problem };
  const { value: bridge } = opened;
  const [ofCustomer, ofClean] = request.media === 'SRTP' ? [someKeys(), someKeys()] : [];
  const keys = ofCustomer && ofClean && ([textOf(ofCustomer), textOf(ofClean)] as const);
  bridge.setPeer('clean', peer(request.cleanPort, request.media, ofClean));
  bridge.setPeer('customer', peer(request.customerPort, request.media, ofCustomer));
  const call = { customer: bridge.customer.rtp.port, clean: bridge.clean.rtp.port, keys };
  return { type: 'opened', call };
}

async function troubles(relay: ThreadedMediaRelay): Promise<RelayTroubles> {
  const [worker] = (await relay.stats()).workers;
  const now = { atMs: performance.now(), gcMs: worker?.gc.totalMs ?? 0 };
  const gcMsPerS = (MS_PER_S * (now.gcMs - before.gcMs)) / (now.atMs - before.atMs);
  before = now;
  return { gcMsPerS, gcMaxMs: worker?.gc.maxMs ?? 0, loopLagMs: worker?.loopLagMs ?? 0 };
}

const relay = await openMediaRelay({
  workers: 1,
  host: HOST,
  ports: { min: 20_000, max: 29_999 },
  packetIo: process.argv[2] as PacketIoChoice,
  log,
});
const answer = (message: RelayAnswer): void => {
  process.send?.(message);
};
process.on('message', (request: RelayRequest) => {
  answerTo(relay, request).then(answer, (error: unknown) =>
    answer({ type: 'failed', problem: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
answer({ type: 'started' });
