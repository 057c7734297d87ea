import type { StoredLeg } from '../stored-leg.ts';

/** Leg 5 of a call that is engaged. */
export function aStoredLeg(over: Partial<StoredLeg> = {}): StoredLeg {
  return {
    id: 'leg-a',
    label: { call: 'ses_1', role: 'leg5_in' },
    role: 'uas',
    state: 'confirmed',
    sinceMs: 1_000,
    point: 0,
    address: { host: '192.0.2.7', port: 5060 },
    callId: 'call-1',
    local: '<sip:tok_1@192.0.2.1>;tag=us',
    localTag: 'us',
    remote: '"The \\"customer\\"" <sip:+447700900123@192.0.2.7>;tag=them',
    remoteTag: 'them',
    target: 'sip:pbx@192.0.2.7:5080',
    routes: [],
    cseq: 3,
    inviteCseq: 17,
    vias: ['SIP/2.0/UDP 192.0.2.7:5080;branch=z9hG4bKtheirs'],
    ...over,
  };
}
