import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type SessionId, silentLog } from '@sordino/core';
import type { BridgeFigures, LocalMedia, MediaBridgeHandlers } from '@sordino/interception';
import { SRTP_SUITES } from '@sordino/media';
import { openMediaRelay, type ThreadedMediaRelay } from '@sordino/relay';
import { createSdpNegotiator } from '@sordino/sip';
import { mustReadSdp, RtpPhone, SdpWriter, speechLike } from '@sordino/testkit';
import { Rtpengine } from './support/rtpengine.ts';

const HOST = '127.0.0.1';
/** Our reports; the phones' come every two seconds. */
const RTCP_INTERVAL_MS = 300;
/** Takes whatever a bridge tells: this test listens on the sockets. */
const nobody = new Proxy({}, { get: () => () => {} }) as MediaBridgeHandlers;

const sealTo = (): Uint8Array => {
  const { x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
  return new Uint8Array(Buffer.from(x ?? '', 'base64url'));
};

const peerOf = ({ rtp, rtcp }: Pick<RtpPhone, 'rtp' | 'rtcp'>) => ({
  rtp,
  rtcp,
  codec: 'PCMU' as const,
  audioPayloadType: 0,
});

/**
 *   caller == RTP == rtpengine == SRTP, one suite == [customer | relay | clean] == RTP == agent
 *
 * Offer and answer by our negotiator and by rtpengine's own SDP, so that keys, suites and tags are all another's.
 */
async function callOver(suite: string, engine: Rtpengine, relay: ThreadedMediaRelay): Promise<BridgeFigures> {
  const phone = { host: HOST, codec: 'PCMU' } as const;
  using caller = await RtpPhone.open({ ...phone, talker: speechLike(4) });
  using agent = await RtpPhone.open({ ...phone, talker: speechLike(7) });
  const mask = { style: 'silence', hold: 'per_key' } as const;
  const session = `ses_${suite}` as SessionId;
  const opened = await relay.open({ session, sealTo: sealTo(), mask, firstKeySeq: 0 }, nobody);
  if (!opened.ok) throw new Error(opened.problem);
  const bridge = opened.value;

  const { rtp, rtcp } = caller;
  const described = {
    rtp,
    rtcp,
    codecs: ['PCMU'],
    eventPayloadType: undefined,
    direction: 'sendrecv',
  } as const;
  const offer = await engine.offer(suite, new SdpWriter(1).write(described));
  const isOther = (line: string): boolean => line.startsWith('a=crypto:') && !line.includes(` ${suite} `);
  const oneSuite = offer
    .split('\r\n')
    .filter((line) => !isOther(line))
    .join('\r\n');
  const local: LocalMedia = { ...bridge.customer, codecs: ['PCMU'], telephoneEvents: false, crypto: 'sdes' };
  const random = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
  const answer = createSdpNegotiator({ random }).side().answer(oneSuite, local);
  if (!answer.ok) throw new Error(answer.problem.message);
  const answered = mustReadSdp(await engine.answer(suite, answer.value.sdp), 'rtpengine');
  bridge.setPeer('customer', answer.value.peer);
  bridge.setPeer('clean', {
    ...peerOf(agent),
    eventPayloadType: undefined,
    packetTimeMs: 20,
    direction: 'sendrecv',
  });
  caller.setPeer(peerOf(answered));
  agent.setPeer(peerOf(bridge.clean));
  caller.startTalking();
  agent.startTalking();

  // Until each has heard the other, and each side's RTCP came through: ours, which rtpengine opens, and the caller's.
  for (;;) {
    const figures = await bridge.figures();
    const ours = caller.heardRtcp.length > 0 && caller.heard.packets.length > 50;
    if (ours && agent.heard.packets.length > 50 && figures.customer.rtt_ms !== null)
      return await bridge.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('SRTP with rtpengine', () => {
  let engine: Rtpengine;
  let relay: ThreadedMediaRelay;
  beforeAll(async () => {
    engine = await Rtpengine.start();
    relay = await openMediaRelay({
      ...{ workers: 1, host: HOST, ports: { min: 0, max: 0 }, log: silentLog },
      rtcpIntervalMs: RTCP_INTERVAL_MS,
    });
  });
  afterAll(async () => {
    await relay.close();
    await engine[Symbol.asyncDispose]();
  });

  it('is heard both ways in every suite, RTP and RTCP, with nothing dropped', async () => {
    // All at once: RTCP of the phones takes its time.
    const figures = await Promise.all(SRTP_SUITES.map(({ name }) => callOver(name, engine, relay)));
    for (const { customer } of figures) expect(customer).toMatchObject({ lost_in: 0, foreign_in: 0 });
    expect((await relay.stats()).workers[0]?.troubles).toMatchObject({ srtpUnauthentic: 0, srtpReplayed: 0 });
  });
});
