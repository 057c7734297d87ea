import { describe, expect, it } from '@jest/globals';
import type { MediaDescription } from '@sordino/interception';
import { readPeer } from './peer.ts';

function describing(host: string, changes: Partial<MediaDescription> = {}): MediaDescription {
  return {
    rtp: { host, port: 4000 },
    rtcp: { host, port: 4001 },
    codec: 'PCMU',
    audioPayloadType: 0,
    eventPayloadType: undefined,
    packetTimeMs: 20,
    direction: 'sendrecv',
    ...changes,
  };
}

describe('the signalled peer', () => {
  it.each([
    ['sendrecv', true, true],
    ['sendonly', false, true],
    ['recvonly', true, false],
    ['inactive', false, false],
  ] as const)('that wrote %s: receives %s, sends %s', (direction, receives, sends) => {
    expect(readPeer(describing('192.0.2.1', { direction }), '127.0.0.1')).toMatchObject({
      ok: true,
      value: { receives, sends, rtp: { host: '192.0.2.1', port: 4000 }, rtcp: { port: 4001 } },
    });
  });

  it('has the address that sockets report, however SDP wrote it', () => {
    expect(readPeer(describing('2001:DB8:0:0:0:0:0:1'), '::1')).toMatchObject({
      ok: true,
      value: { rtp: { host: '2001:db8::1', port: 4000 } },
    });
  });

  it.each([
    ['0.0.0.0 (the hold of RFC 2543)', describing('0.0.0.0')],
    ['port 0 (a refused media line)', describing('192.0.2.1', { rtp: { host: '192.0.2.1', port: 0 } })],
  ])('at %s cannot be sent to and owes nothing', (_, description) => {
    expect(readPeer(description, '127.0.0.1')).toMatchObject({
      ok: true,
      value: { rtp: undefined, sends: false },
    });
  });

  it.each([
    ['a name', describing('media.example'), '127.0.0.1'],
    ['an IPv6 address on an IPv4 socket', describing('::1'), '127.0.0.1'],
    ['an IPv4 address on an IPv6 socket', describing('192.0.2.1'), '::1'],
    ['octal digits', describing('192.0.02.1'), '127.0.0.1'],
    ['nothing', describing(''), '127.0.0.1'],
    [
      'an RTCP address that is a name',
      describing('192.0.2.1', { rtcp: { host: 'x', port: 1 } }),
      '127.0.0.1',
    ],
  ])('that is %s is refused with a reason', (_, description, localHost) => {
    expect(readPeer(description, localHost)).toEqual({
      ok: false,
      problem: expect.stringMatching(/peer host .* is not an IPv[46] literal/),
    });
  });
});
