import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DtlsClient, DtlsServer, HashAlgorithm, SignatureAlgorithm } from 'werift';
import { fingerprintOf } from './fingerprint.ts';
import { createIdentity, type DtlsIdentity } from './identity.ts';
import { readFragments, readRecords } from './records.ts';
import {
  Meeting,
  type MeetingOptions,
  type Network,
  transportTo,
  type WeriftTransport,
} from './test-support/dtls-client.ts';

let meeting: Meeting | undefined;
afterEach(() => meeting?.[Symbol.dispose]());
async function meet(options?: MeetingOptions): Promise<Meeting> {
  meeting = await Meeting.of(options);
  return meeting;
}

describe('the DTLS of a peer', () => {
  it.each([
    { profiles: [7, 1] as const, suite: 'AEAD_AES_128_GCM', saltBytes: 12 },
    { profiles: [1] as const, suite: 'AES_CM_128_HMAC_SHA1_80', saltBytes: 14 },
  ])('gives both ends the same keys, of $suite', async ({ profiles, suite, saltBytes }) => {
    const scene = await meet({ profiles });
    expect(await scene.shakeHands()).toBe('connected');
    await new Promise<void>((resolve) => {
      if (scene.client.connected) resolve();
      else scene.client.onConnect.once(() => resolve());
    });
    const theirs = scene.client.extractSessionKeys(16, saltBytes);
    const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');
    const [keys] = scene.keys;
    expect(keys?.local.suite).toBe(suite);
    expect(hex(keys?.local.masterKey)).toBe(hex(theirs.remoteKey));
    expect(hex(keys?.local.masterSalt)).toBe(hex(theirs.remoteSalt));
    expect(hex(keys?.remote.masterKey)).toBe(hex(theirs.localKey));
    expect(hex(keys?.remote.masterSalt)).toBe(hex(theirs.localSalt));
  });

  it('refuses who presents a certificate and signs with another key', async () => {
    const [copied, forger] = [await createIdentity(), await createIdentity()];
    const scene = await meet({ certificate: copied, signsWith: forger });
    expect(await scene.shakeHands()).toBe('certificate_verify');
    expect(scene.keys).toEqual([]);
  });

  it('refuses a certificate that was not signalled, and any when none was', async () => {
    const other = await createIdentity();
    const scene = await meet({ signalled: [other.fingerprint] });
    expect(await scene.shakeHands()).toBe('fingerprint');
    scene[Symbol.dispose]();
    expect(await (await meet({ signalled: [] })).shakeHands()).toBe('fingerprint');
  });

  it('refuses a Finished that is not of this handshake', async () => {
    const scene = await meet();
    scene.client.cipher.verifyData = () => Buffer.alloc(12, 7);
    expect(await scene.shakeHands()).toBe('finished');
    expect(scene.keys).toEqual([]);
  });

  it('refuses a client without an extended master secret, and one without SRTP', async () => {
    const scene = await meet({ extendedMasterSecret: false });
    expect(await scene.shakeHands()).toBe('hello');
    scene[Symbol.dispose]();
    expect(await (await meet({ profiles: [] })).shakeHands()).toBe('hello');
  });

  it('goes on with the real client after a forger was refused', async () => {
    const certificate = await createIdentity();
    const scene = await meet({ certificate, signsWith: await createIdentity() });
    expect(await scene.shakeHands()).toBe('certificate_verify');
    scene.anotherClient(certificate);
    await scene.client.connect().catch(() => {});
    await scene.until(() => scene.keys.length > 0);
    expect(scene.refusals).toEqual(['certificate_verify']);
  });

  it('hears nothing but the last flight again once it is connected', async () => {
    const scene = await meet();
    expect(await scene.shakeHands()).toBe('connected');
    await scene.until(() => scene.sentToClient.length >= 8);
    const sent = scene.sentToClient.length;
    // A fatal alert and a close_notify, in the clear; the first hello of another client; application data.
    const record = (type: number, epoch: number, body: Buffer): Buffer =>
      Buffer.concat([Buffer.from([type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 9, 0, body.length]), body]);
    scene.server.receive(record(21, 0, Buffer.from([2, 40])));
    scene.server.receive(record(21, 0, Buffer.from([1, 0])));
    scene.server.receive(record(23, 1, Buffer.alloc(40)));
    for (const hello of scene.sentToServer.slice(0, 2)) scene.server.receive(hello);
    expect(scene.sentToClient).toHaveLength(sent);
    // RFC 6347 §4.2.4: its Finished again, for ours was lost; as often as a client would, not as often as anybody likes.
    const finished = scene.sentToServer.at(-1) ?? Buffer.alloc(0);
    scene.server.receive(finished);
    expect(scene.sentToClient.slice(sent)).toEqual(scene.sentToClient.slice(sent - 2, sent));
    for (let again = 0; again < 100; again += 1) scene.server.receive(finished);
    expect(scene.sentToClient).toHaveLength(sent + 2 * 16);
    expect(scene.refusals).toEqual([]);
    expect(scene.keys).toHaveLength(1);
  });

  it('is led astray by no alert, no other hello and no early Finished while hands are shaken', async () => {
    const spoofed = [
      Buffer.from('15fefd000000000000000900020228', 'hex'),
      Buffer.from('16fefd0000000000000009000c0100ffff000000000000000000', 'hex'),
      // A Finished in the clear would be message 5; it is no place for it.
      Buffer.from(`16fefd000000000000000900181400000c000500000000000c${'00'.repeat(12)}`, 'hex'),
    ];
    const scene = await meet({
      network: (datagram, toServer) => (toServer ? [...spoofed, datagram, ...spoofed] : [datagram]),
    });
    expect(await scene.shakeHands()).toBe('connected');
  });

  it.each<{ what: string; network: () => Network }>([
    { what: 'every datagram comes twice', network: () => (datagram) => [datagram, datagram] },
    {
      what: "the client's flight comes backwards",
      network: () => {
        const held: Buffer[] = [];
        return (datagram, toServer) => {
          // Certificate, key exchange and proof wait for the Finished, which comes first and is sent again.
          if (!toServer || messageTypeOf(datagram) === 1) return [datagram];
          held.unshift(datagram);
          return held.length % 5 === 0 ? held.splice(0) : [];
        };
      },
    },
    {
      what: 'every message comes in pieces of 50 bytes, last piece first',
      network: () => (datagram, toServer) => (toServer ? inPieces(datagram, 50).reverse() : [datagram]),
    },
  ])('shakes hands where $what', async ({ network }) => {
    const scene = await meet({ network: network() });
    expect(await scene.shakeHands()).toBe('connected');
  });

  it('takes any datagram without a word', async () => {
    const scene = await meet();
    void scene.client.connect().catch(() => {});
    await scene.until(() => scene.sentToServer.length > 0);
    const [hello = Buffer.alloc(0)] = scene.sentToServer;
    for (let length = 0; length <= hello.length; length += 1) scene.server.receive(hello.subarray(0, length));
    for (let at = 0; at < hello.length; at += 1) {
      const damaged = Buffer.from(hello);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      scene.server.receive(damaged);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => scene.server.receive(Buffer.from(bytes))),
    );
    await scene.until(() => scene.keys.length > 0);
    expect(scene.refusals).toEqual([]);
  });
});

describe("werift's own server", () => {
  it('takes a forger: what is checked here is not checked there', async () => {
    const [copied, forger, server] = await Promise.all([
      createIdentity(),
      createIdentity(),
      createIdentity(),
    ]);
    const connected = await withoutOurChecks(server, { certificate: copied, signsWith: forger });
    expect(connected.remoteCertificate).toEqual(copied.fingerprint);
  });
});

const messageTypeOf = (datagram: Buffer): number | undefined => readRecords(datagram)[0]?.fragment[0];

/** A handshake record in the clear, as a client with a small path MTU sends it; anything else as it is. */
function inPieces(datagram: Buffer, bytes: number): Buffer[] {
  const [record] = readRecords(datagram);
  const [whole] = record?.contentType === 22 && record.epoch === 0 ? readFragments(record.fragment) : [];
  if (record === undefined || whole === undefined) return [datagram];
  const pieces: Buffer[] = [];
  for (let offset = 0; offset < whole.length; offset += bytes) {
    const body = whole.body.subarray(offset, offset + bytes);
    const head = Buffer.from(record.bytes.subarray(0, 25));
    head.writeUInt16BE(12 + body.length, 11);
    head.writeUIntBE(offset, 19, 3);
    head.writeUIntBE(body.length, 22, 3);
    pieces.push(Buffer.concat([head, body]));
  }
  return pieces;
}

/** Client and server of werift without anything of ours between them. */
async function withoutOurChecks(
  server: DtlsIdentity,
  { certificate, signsWith }: { readonly certificate: DtlsIdentity; readonly signsWith: DtlsIdentity },
): Promise<{ readonly remoteCertificate: ReturnType<typeof fingerprintOf> }> {
  const common = {
    signatureHash: { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 },
    extendedMasterSecret: true,
  } as const;
  const toClient: WeriftTransport = transportTo(() => toServer.onData);
  const toServer: WeriftTransport = transportTo(() => toClient.onData);
  const serverEnd = new DtlsServer({
    ...common,
    transport: toClient,
    cert: server.certificatePem,
    key: server.keyPem,
    certificateRequest: true,
  });
  const clientEnd = new DtlsClient({
    ...common,
    transport: toServer,
    cert: certificate.certificatePem,
    key: signsWith.keyPem,
  });
  await Promise.all([
    new Promise<void>((resolve) => serverEnd.onConnect.once(() => resolve())),
    clientEnd.connect(),
  ]);
  return { remoteCertificate: fingerprintOf(serverEnd.remoteCertificate ?? Buffer.alloc(0)) };
}
