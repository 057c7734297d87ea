import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type SessionId, silentLog } from '@sordino/core';
import type { MediaBridgeHandlers } from '@sordino/interception';
import { composeRelay } from './compose.ts';

const deaf: MediaBridgeHandlers = {
  mediaStarted() {},
  cleanAudioFlowing() {},
  mediaStalled() {},
  mediaResumed() {},
  mediaQuality() {},
  oneWay() {},
  playEnded() {},
  keySealed() {},
  transportUnexpected() {},
  shortKey() {},
  handshakeRefused() {},
  leakSuspected() {},
  workerLost() {},
};

describe('the relay of a process', () => {
  it('shows the advertised host and the configured look-back', async () => {
    const relay = await composeRelay(
      {
        workers: 1,
        host: '127.0.0.1',
        advertisedHost: '192.0.2.7',
        ports: { min: 0, max: 0 },
        lookbackMs: 20,
      },
      silentLog,
    );
    const opened = await relay.open(
      {
        session: 'ses_test' as SessionId,
        sealTo: x25519PublicKey(),
        mask: { style: 'silence', hold: 'per_key' },
        firstKeySeq: 0,
      },
      deaf,
    );
    if (!opened.ok) throw new Error(opened.problem);
    expect(opened.value.customer.rtp.host).toBe('192.0.2.7');
    expect(opened.value.lookbackMs).toBe(20);
    await relay.close();
  });

  it('names the setting that is wrong', async () => {
    const config = { workers: 1, host: 'localhost', ports: { min: 0, max: 0 } };
    await expect(composeRelay(config, silentLog)).rejects.toThrow(/relay host is "localhost"/);
  });
});

function x25519PublicKey(): Uint8Array {
  const { x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url');
}
