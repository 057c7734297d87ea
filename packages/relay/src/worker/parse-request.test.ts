import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { idOf, parseRequest } from './parse-request.ts';

const open = {
  id: 1,
  type: 'open',
  bridge: 4,
  session: 'ses_x',
  sealTo: new Uint8Array(32),
  mask: { style: 'silence', hold: 'per_key' },
  firstKeySeq: 0,
};
const peer = {
  rtp: { host: '192.0.2.1', port: 4000 },
  rtcp: { host: '192.0.2.1', port: 4001 },
  codec: 'PCMA',
  audioPayloadType: 8,
  eventPayloadType: 101,
  packetTimeMs: 20,
  direction: 'sendrecv',
};
const setPeer = { id: 2, type: 'set_peer', bridge: 4, side: 'clean', peer };
const info = { id: 3, type: 'seal_info_key', bridge: 4, plaintext: new ArrayBuffer(256), atMs: 5 };

describe('what a worker takes for a request', () => {
  it.each([
    open,
    setPeer,
    { ...setPeer, peer: { ...peer, eventPayloadType: undefined } },
    info,
    { id: 4, type: 'set_collecting', bridge: 4, collecting: true },
    { id: 5, type: 'figures', bridge: 4 },
    { id: 8, type: 'play', bridge: 4, side: 'customer', prompt: 'welcome' },
    { id: 9, type: 'stop_playing', bridge: 4, side: 'clean' },
    { id: 6, type: 'close', bridge: 4 },
    { id: 7, type: 'stats' },
  ])('takes $type', (message) => {
    expect(parseRequest(message)).toBe(message);
  });

  it.each([
    ['no object', 'stats'],
    ['null', null],
    ['no id', { type: 'stats' }],
    ['an id that is no number', { id: '1', type: 'stats' }],
    ['an unknown type', { id: 1, type: 'unmask', bridge: 4 }],
    ['no bridge', { id: 1, type: 'close' }],
    ['a negative bridge', { id: 1, type: 'close', bridge: -1 }],
    ['a public key that is too short', { ...open, sealTo: new Uint8Array(31) }],
    ['a public key that is text', { ...open, sealTo: 'x'.repeat(32) }],
    ['an unknown mask', { ...open, mask: { style: 'none', hold: 'per_key' } }],
    ['no mask', { ...open, mask: undefined }],
    ['an unknown side', { ...setPeer, side: 'agent' }],
    ['no peer', { ...setPeer, peer: undefined }],
    ['an unknown codec', { ...setPeer, peer: { ...peer, codec: 'G729' } }],
    ['a payload type of eight bits', { ...setPeer, peer: { ...peer, audioPayloadType: 128 } }],
    ['a port of seventeen bits', { ...setPeer, peer: { ...peer, rtp: { host: '192.0.2.1', port: 65_536 } } }],
    ['an unknown direction', { ...setPeer, peer: { ...peer, direction: 'both' } }],
    ['a plaintext of the wrong size', { ...info, plaintext: new ArrayBuffer(1) }],
    ['a plaintext that is a view', { ...info, plaintext: new Uint8Array(256) }],
    ['a time that is none', { ...info, atMs: Number.NaN }],
    ['a prompt without a name', { id: 1, type: 'play', bridge: 4, side: 'clean' }],
    ['a prompt for nobody', { id: 1, type: 'play', bridge: 4, side: 'agent', prompt: 'x' }],
    ['silence for nobody', { id: 1, type: 'stop_playing', bridge: 4 }],
    ['collecting as text', { id: 1, type: 'set_collecting', bridge: 4, collecting: 'yes' }],
  ])('refuses %s', (_, message) => {
    expect(parseRequest(message)).toBeUndefined();
  });

  it('throws at nothing', () => {
    fc.assert(
      fc.property(fc.anything(), (message) => {
        parseRequest(message);
        idOf(message);
      }),
    );
  });
});
