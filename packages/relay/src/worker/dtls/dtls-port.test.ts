import { describe, expect, it } from '@jest/globals';
import type { PeerDtls } from '@sordino/interception';
import type { PeerAddress } from '../peer-gate.ts';
import { DtlsPort } from './dtls-port.ts';
import { CONSENT_MS } from './ice-lite.ts';
import { check } from './test-support/checks.ts';

const ice = { ufrag: 'ours', password: 'a password of ours, long' };
const peer: PeerDtls = { fingerprints: [{ algorithm: 'sha-256', digest: 'AB' }], iceUfrag: 'peer' };
const browser: PeerAddress = { host: '192.0.2.1', port: 5_000 };
const stranger: PeerAddress = { host: '198.51.100.9', port: 5_000 };
const hello = Buffer.from('16fefd00000000000000000000', 'hex');

interface Port {
  readonly port: DtlsPort;
  readonly told: string[];
}

function aPort(): Port {
  const told: string[] = [];
  const port = new DtlsPort({
    ice,
    reply: (datagram, to) => told.push(`${datagram[0] === 1 ? 'answer' : 'handshake'} to ${to.host}`),
    handshake: () => told.push('handed on'),
    moved: (address) => told.push(`moved to ${address.host}`),
  });
  return { port, told };
}

describe('the port of a leg with DTLS-SRTP', () => {
  it('leaves media alone and takes all the rest', () => {
    const { port, told } = aPort();
    expect(port.takes(Uint8Array.of(0x80, 0), browser, 0)).toBe(false);
    for (const first of [0, 22, 70, 100, 255])
      expect(port.takes(Uint8Array.of(first, 0), browser, 0)).toBe(true);
    expect(port.takes(new Uint8Array(), browser, 0)).toBe(true);
    expect(told).toEqual([]);
    expect(port.refused).toBe(6);
  });

  it('hands a handshake on from where the peer nominated, and from nowhere else', () => {
    const { port, told } = aPort();
    port.takes(hello, browser, 0);
    expect(port.setPeer(peer, undefined)).toBe(true);
    port.takes(hello, browser, 0);
    port.takes(check(ice, { nominates: true }), browser, 0);
    port.takes(hello, stranger, 0);
    expect(told.splice(0)).toEqual(['answer to 192.0.2.1', 'moved to 192.0.2.1']);
    port.takes(hello, browser, 0);
    port.send(hello);
    expect(told).toEqual(['handed on', 'handshake to 192.0.2.1']);
  });

  it('hands on no more than a handshake can have', () => {
    const { port, told } = aPort();
    port.setPeer({ ...peer, iceUfrag: undefined }, browser);
    for (let sent = 0; sent < 1_000; sent += 1) port.takes(hello, browser, 0);
    port.takes(Buffer.concat([hello, Buffer.alloc(2_000)]), browser, 0);
    expect(told).toHaveLength(200);
  });

  it('takes the address from the SDP of a peer without ICE, which needs no consent', () => {
    const { port, told } = aPort();
    port.setPeer({ ...peer, iceUfrag: undefined }, browser);
    expect(port.maySend).toBe(true);
    port.takes(hello, browser, 0);
    // A check is answered, for whoever sends it knows the password; it moves nothing.
    port.takes(check(ice, { nominates: true }), stranger, 0);
    expect(told).toEqual(['handed on', 'answer to 198.51.100.9']);
    expect(port.address).toEqual(browser);
  });

  it('may send while the peer checks', () => {
    const { port } = aPort();
    port.setPeer(peer, undefined);
    expect(port.maySend).toBe(false);
    port.takes(check(ice, { nominates: true }), browser, 1_000);
    expect(port.maySend).toBe(true);
    port.tick(1_000 + CONSENT_MS);
    expect(port.maySend).toBe(true);
    port.tick(1_001 + CONSENT_MS);
    expect(port.maySend).toBe(false);
  });

  it('knows another association by its fingerprints', () => {
    const { port } = aPort();
    port.setPeer(peer, undefined);
    expect(port.setPeer({ ...peer, iceUfrag: 'restarted' }, undefined)).toBe(false);
    expect(port.setPeer({ ...peer, fingerprints: [{ algorithm: 'sha-256', digest: 'CD' }] }, undefined)).toBe(
      true,
    );
  });
});
