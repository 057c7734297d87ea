import { randomBytes } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import type { SealedKey, SessionId } from '@sordino/core';
import { silentLog } from '@sordino/core';
import type { MediaBridgeHandlers } from '@sordino/interception';
import { openMediaRelay } from '@sordino/relay';
import { createSdpNegotiator } from '@sordino/sip';
import { dtmfDecode, levelDbm0, RtpPhone, speechLike, telephoneEvents } from '@sordino/testkit';
import { Vault } from '../bench-leak/run/vault.ts';
import { BrowserPhone } from './browser-phone.ts';

/** A browser takes some seconds to start on a busy machine, and the keys are pressed in real time. */
jest.setTimeout(60_000);

const session = 'ses_00000000000000000000browser' as SessionId;
const KEYS = '4242*0#7';
/** The beeps of Chromium's microphone come with -7 to -22 dBm0, its noise with less than -45. */
const BEEP_DBM0 = -30;
const WINDOW_SAMPLES = 800;

describe('a browser as the customer', () => {
  it('is heard and hears over DTLS-SRTP; its keys are sealed and never reach the agent', async () => {
    const vault = await Vault.make(session);
    const sealed: SealedKey[] = [];
    const told: string[] = [];
    const handlers = new Proxy({} as MediaBridgeHandlers, {
      get: (_, name: keyof MediaBridgeHandlers) =>
        name === 'keySealed' ? (key: SealedKey) => sealed.push(key) : () => told.push(name),
    });
    await using relay = await openMediaRelay({
      workers: 1,
      host: '127.0.0.1',
      ports: { min: 0, max: 0 },
      rtcpIntervalMs: 500,
      dtls: true,
      log: silentLog,
    });
    const opened = await relay.open(
      {
        session,
        sealTo: vault.publicKey,
        mask: { style: 'silence', hold: 'per_key' },
        firstKeySeq: 0,
        dtls: true,
      },
      handlers,
    );
    if (!opened.ok) throw new Error(opened.problem);
    const bridge = opened.value;
    using agent = await RtpPhone.open({ host: '127.0.0.1', codec: 'PCMU', talker: speechLike(3) });
    await using browser = await BrowserPhone.open();

    const side = createSdpNegotiator({ random: (count) => new Uint8Array(randomBytes(count)) }).side();
    const answer = side.answer(await browser.offer(), {
      ...bridge.customer,
      codecs: ['PCMU'],
      telephoneEvents: true,
      crypto: 'dtls',
    });
    if (!answer.ok) throw new Error(answer.problem.message);
    bridge.setPeer('customer', answer.value.peer);
    bridge.setPeer('clean', {
      rtp: agent.rtp,
      rtcp: agent.rtcp,
      codec: 'PCMU',
      audioPayloadType: 0,
      eventPayloadType: undefined,
      packetTimeMs: 20,
      direction: 'sendrecv',
    });
    agent.setPeer({ ...bridge.clean, audioPayloadType: 0, codec: 'PCMU' });
    agent.startTalking();
    expect(await browser.answer(answer.value.sdp)).toBe('connected');

    await until(async () => (await browser.report()).energy > 0);
    await until(() => told.includes('cleanAudioFlowing'));
    await browser.press(KEYS);
    await until(() => sealed.length >= KEYS.length);
    await until(async () => (await browser.report()).reportedByUs);
    // The beeps of the microphone begin seconds after the call on a busy machine, and may all have fallen under the mask.
    await until(() => loudestDbm0(agent) > BEEP_DBM0);
    expect((await Promise.all(sealed.map((key) => vault.open(key)))).join('')).toBe(KEYS);

    const report = await browser.report();
    expect(report).toMatchObject({ dtlsState: 'connected', srtpCipher: 'SRTP_AEAD_AES_128_GCM' });
    const figures = await bridge.close();
    expect(figures.customer.packets_in).toBeGreaterThan(100);
    expect(figures.eventPacketsRemoved).toBeGreaterThan(KEYS.length);
    // Leg 7: one stream of one type, the beeps of the microphone in it (see above), and nothing of a key.
    expect(new Set(agent.heard.packets.map(({ payloadType }) => payloadType))).toEqual(new Set([0]));
    expect(telephoneEvents(agent.heard.packets)).toEqual([]);
    expect(dtmfDecode(agent.heard.timeline().samples)).toEqual([]);
  });
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** The loudest tenth of a second that came to a phone. */
function loudestDbm0(phone: RtpPhone): number {
  const { samples } = phone.heard.timeline();
  let loudest = Number.NEGATIVE_INFINITY;
  for (let from = 0; from < samples.length; from += WINDOW_SAMPLES)
    loudest = Math.max(loudest, levelDbm0(samples, from, Math.min(samples.length, from + WINDOW_SAMPLES)));
  return loudest;
}
