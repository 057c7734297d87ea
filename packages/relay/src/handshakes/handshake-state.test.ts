import { describe, expect, it } from '@jest/globals';
import { edgesOf } from '@sordino/core';
import {
  HANDSHAKE_TRANSITIONS,
  type HandshakeEvent,
  type HandshakeState,
  nextHandshake,
  plainEventOf,
} from './handshake-state.ts';

const states = Object.keys(HANDSHAKE_TRANSITIONS) as HandshakeState[];
const events: HandshakeEvent[] = [
  'client_hello',
  'certificate',
  'client_key_exchange',
  'certificate_verify',
  'finished',
  'failed',
];

describe('a DTLS handshake', () => {
  it('has exactly these edges: one way to be connected, and every message is on it', () => {
    expect(edgesOf(HANDSHAKE_TRANSITIONS)).toEqual([
      'hello --client_hello--> certificate',
      'hello --failed--> refused',
      'certificate --certificate--> key_exchange',
      'certificate --failed--> refused',
      'key_exchange --client_key_exchange--> proof',
      'key_exchange --failed--> refused',
      'proof --certificate_verify--> finished',
      'proof --failed--> refused',
      'finished --finished--> connected',
      'finished --failed--> refused',
    ]);
  });

  it('has no other event in any state', () => {
    const legal = new Set(edgesOf(HANDSHAKE_TRANSITIONS).map((edge) => edge.split('-->')[0]));
    const others = states.flatMap((state) =>
      events.filter((event) => !legal.has(`${state} --${event}`)).map((event) => nextHandshake(state, event)),
    );
    expect(others).toHaveLength(states.length * events.length - legal.size);
    expect(new Set(others)).toEqual(new Set([undefined]));
  });

  it('knows no Finished in the clear', () => {
    expect([0, 1, 2, 3, 11, 12, 14, 15, 16, 20, 255].map(plainEventOf)).toEqual([
      undefined,
      'client_hello',
      undefined,
      undefined,
      'certificate',
      undefined,
      undefined,
      'certificate_verify',
      'client_key_exchange',
      undefined,
      undefined,
    ]);
  });
});
