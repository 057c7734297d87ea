import { describe, expect, it } from '@jest/globals';
import type { LocalMedia, SdpProblem, SdpSide } from '@sordino/interception';
import fc from 'fast-check';
import {
  answered,
  asterisk,
  cisco,
  clean,
  customer,
  genesys,
  mediaOf,
  sdp,
  side,
  versionOf,
  webrtcGateway,
  zoom,
} from './test-support/descriptions.ts';

describe('an offer', () => {
  it('lists our codecs best first, and the events', () => {
    expect(mediaOf(side().offer({ ...customer, codecs: ['PCMA', 'PCMU'] }))).toEqual([
      'm=audio 20000 RTP/AVP 8 0 101',
    ]);
    expect(mediaOf(side().offer(clean))).toEqual(['m=audio 20000 RTP/AVP 0 8']);
  });

  it('keeps the payload types and the m= lines of the session', () => {
    const by = side();
    answered(cisco, customer, by);
    expect(mediaOf(by.offer(customer))).toEqual([
      'm=audio 0 RTP/AVP 18',
      'm=audio 20000 RTP/AVP 0 8 96',
      'm=image 0 udptl t38',
    ]);
  });

  it('gives telephone-event another number where the peer used 101 for a codec', () => {
    const by = side();
    answered(sdp('m=audio 4000 RTP/AVP 0 101', 'a=rtpmap:101 opus/48000/2'), customer, by);
    expect(mediaOf(by.offer(customer))).toEqual(['m=audio 20000 RTP/AVP 0 8 96']);
  });
});

describe('the version of o=', () => {
  it('stands while nothing changes, goes up by one when something does', () => {
    const by = side();
    const first = answered(asterisk, customer, by).sdp;
    const versions = [
      first,
      answered(asterisk, customer, by).sdp,
      answered(asterisk.replace('14422', '15000'), customer, by).sdp,
      answered(asterisk.replace('sendrecv', 'sendonly'), customer, by).sdp,
      answered(asterisk, customer, by).sdp,
      by.offer(customer),
      by.offer(customer),
    ].map(versionOf);
    expect(versions).toEqual([1, 1, 1, 2, 3, 4, 4]);
  });

  it('is not spent on a refused offer', () => {
    const by = side();
    expect(versionOf(by.offer(customer))).toBe(1);
    expect(by.answer(zoom, customer).ok).toBe(false);
    expect(versionOf(by.offer(customer))).toBe(1);
  });

  it('belongs to one side; ids differ and look like no card', () => {
    const ids = Array.from({ length: 50 }, () => /^o=- ([0-9]+) /m.exec(side().offer(customer))?.[1] ?? '');
    expect(new Set(ids).size).toBeGreaterThan(1);
    for (const id of ids) expect(id).toMatch(/^[0-9]{1,10}$/);
  });
});

describe('an answer to our offer', () => {
  const after = (offer: LocalMedia, answer: string): ReturnType<SdpSide['readAnswer']> => {
    const by = side();
    by.offer(offer);
    return by.readAnswer(answer);
  };

  it('is read', () => {
    const result = after(customer, sdp('m=audio 4000 RTP/AVP 8 101', 'a=rtpmap:101 telephone-event/8000'));
    expect(result).toMatchObject({
      ok: true,
      value: { codec: 'PCMA', audioPayloadType: 8, eventPayloadType: 101 },
    });
  });

  it('with several codecs means the first one', () => {
    expect(after(customer, asterisk)).toMatchObject({ ok: true, value: { codec: 'PCMA' } });
  });

  it('with its own number for events leaves the number that we listen for', () => {
    const answer = sdp('m=audio 4000 RTP/AVP 0 96', 'a=rtpmap:96 telephone-event/8000');
    expect(after(customer, answer)).toMatchObject({ ok: true, value: { eventPayloadType: 101 } });
  });

  it.each<[string, SdpProblem['code'], string]>([
    ['more m= lines', 'malformed', sdp('m=audio 4000 RTP/AVP 0', 'm=video 0 RTP/AVP 96')],
    ['no m= line', 'malformed', sdp()],
    ['port 0', 'no_audio', sdp('m=audio 0 RTP/AVP 0')],
    ['a codec that we did not offer', 'no_common_codec', sdp('m=audio 4000 RTP/AVP 18')],
    ['encryption', 'no_common_crypto', sdp('m=audio 4000 RTP/SAVP 0')],
    ['nonsense', 'malformed', 'nonsense'],
  ])('is refused with %s: %s', (_, code, answer) => {
    expect(after(customer, answer)).toMatchObject({ ok: false, problem: { code } });
  });

  it('without an offer is a mistake of the caller', () => {
    expect(() => side().readAnswer(asterisk)).toThrow(/before offer/);
  });
});

describe('two of our own sides', () => {
  it('agree on what each of them sees', () => {
    const codecs = fc.shuffledSubarray(['PCMU', 'PCMA'] as const, { minLength: 1 });
    fc.assert(
      fc.property(codecs, codecs, fc.boolean(), fc.boolean(), (theirs, ours, theirEvents, ourEvents) => {
        const [caller, callee] = [side(), side()];
        const offer = caller.offer({ ...customer, codecs: theirs, telephoneEvents: theirEvents });
        const local: LocalMedia = {
          ...customer,
          rtp: { host: '192.0.2.9', port: 6_000 },
          codecs: ours,
          telephoneEvents: ourEvents,
        };
        const result = callee.answer(offer, local);
        if (!result.ok) {
          expect(theirs.some((codec) => ours.includes(codec))).toBe(false);
          return;
        }
        const back = caller.readAnswer(result.value.sdp);
        if (!back.ok) throw new Error(back.problem.message);
        expect(back.value.codec).toBe(result.value.peer.codec);
        expect(back.value.eventPayloadType).toBe(result.value.peer.eventPayloadType);
        expect(back.value.eventPayloadType !== undefined).toBe(theirEvents && ourEvents);
        expect(back.value.rtp).toEqual(local.rtp);
      }),
      { seed: 3264, numRuns: 100 },
    );
  });
});

describe('never throws', () => {
  const originals = [asterisk, zoom, genesys, cisco, webrtcGateway];
  const fragments = [
    '\r\n',
    '\n',
    '=',
    ' ',
    '/',
    ':',
    '0',
    '-1',
    '99999',
    'm=',
    'm=audio 1 RTP/AVP 0',
    'a=',
    'c=',
    '\0',
    'é',
    '\ud800',
    '__proto__',
    'a=rtcp:',
  ];
  const edit = fc.record({
    at: fc.nat({ max: 900 }),
    cut: fc.nat({ max: 12 }),
    insert: fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 5 })),
  });

  it('on mutated offers and answers, and what it answers it can read', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...originals),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (original, edits) => {
          let text = original;
          for (const { at, cut, insert } of edits) {
            const from = at % (text.length + 1);
            text = text.slice(0, from) + insert + text.slice(from + cut);
          }
          const result = side().answer(text, customer);
          if (result.ok) {
            const reader = side();
            expect(reader.answer(result.value.sdp, customer).ok).toBe(true);
            expect(result.value.peer.rtp.port).toBeGreaterThan(0);
          } else expect(result.problem.message).not.toBe('');
          const by = side();
          by.offer(clean);
          by.readAnswer(text);
        },
      ),
      { seed: 8866, numRuns: 3_000 },
    );
  });

  it('on noise', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(side().answer(`v=0\r\n${text}`, customer).ok).toBe(false);
      }),
      { seed: 2, numRuns: 1_000 },
    );
  });
});
