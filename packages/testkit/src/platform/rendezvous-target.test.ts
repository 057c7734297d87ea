import { describe, expect, it } from '@jest/globals';
import type { DivertRequest, RendezvousMatch } from './divert-request.ts';
import { rendezvousTarget } from './rendezvous-target.ts';

const request: DivertRequest = {
  sordino: {
    sip_uri: 'sip:tok_1@127.0.0.1:5060;transport=tcp',
    user_to_user: '00ab;encoding=hex',
    header: { 'X-Sordino-Token': 'tok_1' },
    e164: '+442039000417',
  },
  offer: 'none',
  correlation: 'c-1',
};
const dialog = { callId: 'a@b', localTag: 'l', remoteTag: 'r' };

describe('rendezvousTarget', () => {
  it.each<[RendezvousMatch, string, [string, string][]]>([
    ['request_uri', 'sip:tok_1@127.0.0.1:5060;transport=tcp', []],
    ['e164', 'sip:+442039000417@127.0.0.1:5060;transport=tcp', []],
    ['header', 'sip:payments@127.0.0.1:5060;transport=tcp', [['X-Sordino-Token', 'tok_1']]],
    ['uui', 'sip:payments@127.0.0.1:5060;transport=tcp', [['User-to-User', '00ab;encoding=hex']]],
    [
      'dialog',
      'sip:payments@127.0.0.1:5060;transport=tcp',
      [['Target-Dialog', 'a@b;local-tag=l;remote-tag=r']],
    ],
    ['ani', 'sip:payments@127.0.0.1:5060;transport=tcp', []],
  ])('by %s', (match, target, headers) => {
    expect(rendezvousTarget({ ...request, match }, dialog)).toEqual({ target, headers });
  });

  it('goes by the transport it is told', () => {
    expect(rendezvousTarget({ ...request, transport: 'udp' }, dialog).target).toBe(
      'sip:tok_1@127.0.0.1:5060;transport=udp',
    );
  });

  it('says what the rendezvous lacks', () => {
    const bare = { ...request, sordino: { sip_uri: request.sordino.sip_uri, e164: null } };
    expect(() => rendezvousTarget({ ...bare, match: 'e164' }, dialog)).toThrow('no e164');
    expect(() => rendezvousTarget({ ...bare, match: 'uui' }, dialog)).toThrow('no user_to_user');
    expect(() => rendezvousTarget({ ...bare, match: 'header' }, dialog)).toThrow('no header');
    expect(() => rendezvousTarget({ ...bare, match: 'dialog' }, undefined)).toThrow('no dialog');
    expect(() => rendezvousTarget({ ...bare, sordino: { sip_uri: 'tel:+44' } }, dialog)).toThrow(
      'not sip:user@host',
    );
  });
});
