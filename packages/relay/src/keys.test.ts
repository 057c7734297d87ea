import { describe, expect, it } from '@jest/globals';
import { SEALED_PLAINTEXT_BYTES } from '@sordino/core';
import { writeTelephoneEvent } from '@sordino/media';
import { TestCall } from './test-support/call.ts';
import { EVENT_PAYLOAD_TYPE, pressAsEvents, pressAsTone } from './test-support/keypad.ts';
import { voice } from './test-support/phone.ts';
import { ownSrtp, randomPair } from './test-support/phone-srtp.ts';

describe('keys of the customer', () => {
  it('sent as telephone-events leave sealed, in order, and never on the clean side', async () => {
    await using call = await TestCall.connected();
    const keys = [4, 2, 10, 2, 11];
    await call.customer.talk(call.bridge.customer.rtp, 5);
    for (const key of keys) {
      await pressAsEvents(call.customer, call.bridge.customer.rtp, key);
      await call.customer.talk(call.bridge.customer.rtp, 3);
    }
    await call.ear.until(() => call.ear.keys.length === keys.length);
    expect(call.ear.keys.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4]);
    expect(call.ear.keys.map(({ transport }) => transport)).toEqual(keys.map(() => 'rfc4733'));
    expect(await Promise.all(call.ear.keys.map((key) => call.vault.open(key)))).toEqual(keys);

    const figures = await call.bridge.close();
    expect(figures).toMatchObject({ keysSealed: 5, eventPacketsRemoved: 35 });
    expect(Math.abs(Date.now() - (figures.lastKeyAtMs ?? 0))).toBeLessThan(5_000);
    expect(figures.lastKeyAtMs).toBe(call.ear.keys.at(-1)?.at_ms);
    expect(call.agent.heard.every(({ packet }) => packet.header.payloadType === 0)).toBe(true);
    expect(call.agent.heard.every(({ raw }) => raw.length === 172)).toBe(true);
  });

  it('that are too short are sealed, and told to be short without a word of which they are', async () => {
    await using call = await TestCall.connected();
    await call.customer.talk(call.bridge.customer.rtp, 5);
    const durationTicks = 30 * 8;
    const payload = writeTelephoneEvent({ event: 7, end: true, volume: 10, durationTicks });
    const { timestamp } = call.customer;
    const at = { payloadType: EVENT_PAYLOAD_TYPE, marker: true, timestamp };
    for (let times = 0; times < 3; times += 1) call.customer.send(call.bridge.customer.rtp, payload, at);
    await call.customer.talk(call.bridge.customer.rtp, 3);
    await call.ear.until(() => call.ear.keys.length === 1 && call.ear.told.includes('short key'));
    expect(call.ear.told.filter((what) => what === 'short key')).toHaveLength(1);
  });

  it('sent as tones leave sealed, in order, and are not heard on the clean side', async () => {
    await using call = await TestCall.connected({ bridge: { firstKeySeq: 12 } });
    // No events were negotiated: tones are what is expected here.
    call.bridge.setPeer('customer', call.customer.describe());
    const keys = [9, 0, 1];
    await call.customer.talk(call.bridge.customer.rtp, 5);
    for (const key of keys) await pressAsTone(call.customer, call.bridge.customer.rtp, key);
    await call.customer.talk(call.bridge.customer.rtp, 5);
    await call.ear.until(() => call.ear.keys.length === keys.length);
    expect(call.ear.keys.map(({ seq, transport }) => [seq, transport])).toEqual([
      [12, 'inband'],
      [13, 'inband'],
      [14, 'inband'],
    ]);
    expect(await Promise.all(call.ear.keys.map((key) => call.vault.open(key)))).toEqual(keys);
    const { maskedMs } = await call.bridge.close();
    expect(maskedMs).toBeGreaterThanOrEqual(300);
    expect(call.ear.told).not.toContain('unexpected inband');
  });

  it('sent as tones where events were negotiated are captured, and that is told', async () => {
    await using call = await TestCall.connected();
    await call.customer.talk(call.bridge.customer.rtp, 5);
    await pressAsTone(call.customer, call.bridge.customer.rtp, 7);
    await call.customer.talk(call.bridge.customer.rtp, 30);
    await call.ear.heard('unexpected inband');
    await call.ear.until(() => call.ear.keys.length === 1);
    const [key] = call.ear.keys;
    expect(key && (await call.vault.open(key))).toBe(7);
  });

  it('from SIP INFO are sealed in line with the others and wiped in the buffer they came in', async () => {
    await using call = await TestCall.connected();
    await call.customer.talk(call.bridge.customer.rtp, 5);
    await pressAsEvents(call.customer, call.bridge.customer.rtp, 1);
    await call.ear.until(() => call.ear.keys.length === 1);
    const buffer = new Uint8Array(SEALED_PLAINTEXT_BYTES);
    for (const key of [5, 6]) {
      buffer[0] = key;
      call.bridge.sealInfoKey(buffer, 1_790_000_000_000 + key);
      expect(buffer.every((byte) => byte === 0)).toBe(true);
    }
    await call.ear.until(() => call.ear.keys.length === 3);
    await pressAsEvents(call.customer, call.bridge.customer.rtp, 3);
    await call.ear.until(() => call.ear.keys.length === 4);
    expect(call.ear.keys.map(({ seq, transport }) => [seq, transport])).toEqual([
      [0, 'rfc4733'],
      [1, 'info'],
      [2, 'info'],
      [3, 'rfc4733'],
    ]);
    expect(await Promise.all(call.ear.keys.map((key) => call.vault.open(key)))).toEqual([1, 5, 6, 3]);
    expect(call.ear.keys[1]?.at_ms).toBe(1_790_000_000_005);
  });

  it('that come by the media and by SIP INFO as well are one key each', async () => {
    await using call = await TestCall.connected();
    await call.customer.talk(call.bridge.customer.rtp, 3);
    for (const key of [8, 8]) {
      await pressAsEvents(call.customer, call.bridge.customer.rtp, key);
      call.bridge.sealInfoKey(Uint8Array.of(key), Date.now());
      await call.customer.talk(call.bridge.customer.rtp, 3);
    }
    call.bridge.sealInfoKey(Uint8Array.of(1), Date.now());
    await call.ear.until(() => call.ear.keys.length === 3);
    const { keysSealed } = await call.bridge.close();
    expect(keysSealed).toBe(3);
    expect(await Promise.all(call.ear.keys.map((key) => call.vault.open(key)))).toEqual([8, 8, 1]);
  });

  it('that were pressed before the bridge closed are all delivered before close() resolves', async () => {
    await using call = await TestCall.connected();
    const buffer = new Uint8Array(SEALED_PLAINTEXT_BYTES);
    for (let key = 0; key < 10; key += 1) {
      buffer[0] = key;
      call.bridge.sealInfoKey(buffer, key);
    }
    const figures = await call.bridge.close();
    expect(figures.keysSealed).toBe(10);
    expect(await Promise.all(call.ear.keys.map((key) => call.vault.open(key)))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  it('sent as events under an SSRC of their own beside the audio are captured where SRTP proves whose they are', async () => {
    await using call = await TestCall.connected();
    const pair = randomPair('AES_CM_128_HMAC_SHA1_80');
    call.customer.srtp = ownSrtp(pair);
    call.bridge.setPeer('customer', {
      ...call.customer.describe({ eventPayloadType: EVENT_PAYLOAD_TYPE }),
      srtp: pair,
    });
    const [to, keys] = [call.bridge.customer.rtp, [3, 3, 8]];
    await call.customer.talk(to, 5);
    let sequence = 900;
    for (const key of keys) {
      const timestamp = call.customer.timestamp;
      // The audio between them goes on; 40 ms after the last end the next key begins.
      for (const [index, durationTicks] of [160, 320, 480, 640, 640, 640].entries()) {
        const flags = index < 3 ? 10 : 0x8a;
        call.customer.send(to, Uint8Array.of(key, flags, durationTicks >> 8, durationTicks & 0xff), {
          ...{ payloadType: EVENT_PAYLOAD_TYPE, ssrc: 0xbe51de, sequence, timestamp },
        });
        sequence += 1;
        await call.customer.talk(to, 1);
      }
      await call.customer.talk(to, 2);
    }
    await call.ear.until(() => call.ear.keys.length === keys.length);
    expect(await Promise.all(call.ear.keys.map((key) => call.vault.open(key)))).toEqual(keys);
    const stats = await call.relay.stats();
    expect(stats.workers[0]?.troubles).toMatchObject({ suspectStreamPackets: 2, streamRestarts: 0 });
    const figures = await call.bridge.close();
    expect(figures).toMatchObject({ keysSealed: 3, eventPacketsRemoved: 16, customer: { lost_in: 0 } });
    expect(call.agent.heard.every(({ raw }) => raw.length === 172)).toBe(true);
  });

  it('from a stranger are not keys', async () => {
    await using call = await TestCall.connected();
    const stranger = await call.phone();
    await call.customer.talk(call.bridge.customer.rtp, 3);
    await pressAsEvents(stranger, call.bridge.customer.rtp, 9);
    await pressAsTone(stranger, call.bridge.customer.rtp, 9);
    await pressAsEvents(call.customer, call.bridge.customer.rtp, 1);
    await call.ear.until(() => call.ear.keys.length === 1);
    const figures = await call.bridge.close();
    expect(await Promise.all(call.ear.keys.map((key) => call.vault.open(key)))).toEqual([1]);
    expect(figures).toMatchObject({ keysSealed: 1, customer: { foreign_in: 15 } });
  });
});

describe('telephone-events of the platform', () => {
  it('do not reach the customer and leave no gap in the stream', async () => {
    await using call = await TestCall.connected();
    for (let n = 0; n < 10; n += 1) {
      call.agent.send(call.bridge.clean.rtp, voice());
      if (n === 4) {
        const timestamp = call.agent.timestamp;
        for (let event = 0; event < 5; event += 1)
          call.agent.send(call.bridge.clean.rtp, Uint8Array.of(5, 10, 0, 160), {
            payloadType: EVENT_PAYLOAD_TYPE,
            timestamp,
          });
      }
    }
    await call.customer.until(() => call.customer.heard.length === 10);
    const sequences = call.customer.heard.map(({ packet }) => packet.header.sequenceNumber);
    expect(sequences).toEqual(sequences.map((_, n) => ((sequences[0] ?? 0) + n) & 0xffff));
    const stats = await call.relay.stats();
    expect(stats.workers[0]?.troubles.droppedTowardsCustomer).toBe(5);
    expect(call.ear.keys).toEqual([]);
  });
});
