import { describe, expect, it } from '@jest/globals';
import type { SrtpPair } from '@sordino/interception';
import { recordingLog } from '../test-support/scene.ts';
import { handshakesFile } from '../worker-file.ts';
import { HandshakeThread } from './handshake-thread.ts';
import { createIdentity } from './identity.ts';
import { dtlsClient, silence, transportTo } from './test-support/dtls-client.ts';

const nobody = { send: () => {}, connected: () => {}, refused: () => {} };

describe('the handshake thread', () => {
  it('gives each leg a certificate, a ufrag and a password of its own', async () => {
    const thread = new HandshakeThread(handshakesFile(), recordingLog([]));
    const legs = await Promise.all([thread.open(nobody), thread.open(nobody)]);
    const all = legs.flatMap(({ local }) => [local.fingerprint.digest, local.ice.ufrag, local.ice.password]);
    expect(new Set(all).size).toBe(6);
    expect(legs[0]?.local.fingerprint.digest).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(legs[0]?.local.ice.ufrag).toMatch(/^[A-Za-z0-9+/]{8}$/);
    expect(legs[0]?.local.ice.password).toMatch(/^[A-Za-z0-9+/]{24}$/);
    await thread.close();
  });

  it('shakes hands in it, and goes on after a message that it chokes on', async () => {
    const lines: string[] = [];
    const thread = new HandshakeThread(handshakesFile(), recordingLog(lines));
    const certificate = await createIdentity();
    const transport = transportTo(() => (datagram) => leg.arrived(datagram));
    const client = dtlsClient(transport, { certificate });
    let connected: (keys: SrtpPair) => void = () => {};
    const keys = new Promise<SrtpPair>((resolve) => {
      connected = resolve;
    });
    const leg = await thread.open({
      ...nobody,
      send: (datagram) => transport.onData(Buffer.from(datagram), ['', 0]),
      connected: (pair) => connected(pair),
    });
    leg.setPeer([certificate.fingerprint]);
    leg.arrived(null as unknown as Uint8Array);
    void client.connect();
    expect((await keys).local.suite).toBe('AEAD_AES_128_GCM');
    expect(lines.join()).toContain('trouble in the handshake thread');
    silence(client);
    await thread.close();
    expect(lines.join()).not.toContain('thread ended');
  });

  it('does not give the keys of one peer to the next, whose description overtook them', async () => {
    const thread = new HandshakeThread(handshakesFile(), recordingLog([]));
    const [first, second] = [await createIdentity(), await createIdentity()];
    const transport = transportTo(() => (datagram) => leg.arrived(datagram));
    const client = dtlsClient(transport, { certificate: first });
    const connected: SrtpPair[] = [];
    const overtaken = new Promise<void>((resolve) => {
      client.onConnect.once(() => resolve());
    });
    const leg = await thread.open({
      ...nobody,
      send: (datagram) => {
        // Our Finished, the first encrypted record: the keys are the thread's next message.
        if (datagram[0] === 22 && datagram[4] === 1) leg.setPeer([second.fingerprint]);
        transport.onData(Buffer.from(datagram), ['', 0]);
      },
      connected: (pair) => connected.push(pair),
    });
    leg.setPeer([first.fingerprint]);
    void client.connect();
    await overtaken;
    // Messages keep their order: what the thread said before it opened this leg is here.
    await thread.open(nobody);
    expect(connected).toEqual([]);
    silence(client);
    await thread.close();
  });

  it('is replaced by another for the next leg, when it has ended', async () => {
    const lines: string[] = [];
    const missing = new HandshakeThread(new URL('no-such-file.js', handshakesFile()), recordingLog(lines));
    await expect(missing.open(nobody)).rejects.toThrow('did not open a leg');
    await expect(missing.open(nobody)).rejects.toThrow('did not open a leg');
    expect(lines.filter((line) => line.includes('the handshake thread ended'))).toHaveLength(2);
  });
});
