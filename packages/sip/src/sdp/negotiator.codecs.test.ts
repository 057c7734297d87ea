import { describe, expect, it } from '@jest/globals';
import type { AudioCodec } from '@sordino/interception';
import {
  answered,
  attributesOf,
  clean,
  customer,
  mediaOf,
  refused,
  sdp,
  side,
  webrtcGateway,
} from './test-support/descriptions.ts';

const ALL: readonly AudioCodec[] = ['opus', 'G722', 'L16/16000', 'L16/8000', 'PCMU', 'PCMA'];
const everything = { ...customer, codecs: ALL };

describe('an offer of every codec', () => {
  it('has the static and the usual payload types, and events for each clock', () => {
    const text = side().offer(everything);
    expect(mediaOf(text)).toEqual(['m=audio 20000 RTP/AVP 111 9 108 107 0 8 110 101 109']);
    expect(attributesOf(text)).toEqual(
      expect.arrayContaining([
        'a=rtpmap:111 opus/48000/2',
        'a=rtpmap:9 G722/8000',
        'a=rtpmap:108 L16/16000',
        'a=rtpmap:107 L16/8000',
        'a=rtpmap:110 telephone-event/48000',
        'a=rtpmap:101 telephone-event/8000',
        'a=rtpmap:109 telephone-event/16000',
      ]),
    );
    const opus = attributesOf(text).find((line) => line.startsWith('a=fmtp:111'));
    // RFC 7587 §6.1: no FEC, which repeats what was masked, and one channel, which can be inspected.
    expect(opus?.slice('a=fmtp:111 '.length).split(';')).toEqual(
      expect.arrayContaining(['useinbandfec=0', 'stereo=0', 'minptime=10']),
    );
  });

  it('has no events on leg 7', () => {
    expect(mediaOf(side().offer({ ...clean, codecs: ALL }))).toEqual([
      'm=audio 20000 RTP/AVP 111 9 108 107 0 8',
    ]);
  });
});

describe('an answer', () => {
  it('takes the first of ours that the peer has, with its number and the events of its clock', () => {
    const { sdp: text, peer } = answered(webrtcGateway, everything);
    expect(mediaOf(text)).toEqual(['m=audio 20000 RTP/AVP 111 110']);
    expect(peer).toMatchObject({ codec: 'opus', audioPayloadType: 111, eventPayloadType: 110 });
  });

  it('takes events at 8000 Hz beside Opus where there are no others', () => {
    const offer = webrtcGateway.replace('a=rtpmap:110 telephone-event/48000\r\n', '');
    const { sdp: text, peer } = answered(offer, everything);
    expect(peer).toMatchObject({ codec: 'opus', eventPayloadType: 126 });
    expect(attributesOf(text)).toContain('a=rtpmap:126 telephone-event/8000');
  });

  it.each<readonly [AudioCodec, number, readonly string[]]>([
    ['G722', 9, ['m=audio 4000 RTP/AVP 9 101', 'a=rtpmap:101 telephone-event/8000']],
    ['G722', 97, ['m=audio 4000 RTP/AVP 97', 'a=rtpmap:97 G722/8000']],
    ['L16/16000', 98, ['m=audio 4000 RTP/AVP 98', 'a=rtpmap:98 L16/16000']],
    ['L16/8000', 99, ['m=audio 4000 RTP/AVP 98 99', 'a=rtpmap:98 L16/44100', 'a=rtpmap:99 L16/8000/1']],
    ['opus', 120, ['m=audio 4000 RTP/AVP 120', 'a=rtpmap:120 OPUS/48000/2', 'a=fmtp:120 stereo=1']],
  ])('takes %s as %d', (codec, audioPayloadType, lines) => {
    expect(answered(sdp(...lines), everything).peer).toMatchObject({ codec, audioPayloadType });
  });

  it('prefers what it is asked to prefer: the codec of the other leg', () => {
    const offer = sdp('m=audio 4000 RTP/AVP 0 8 9');
    expect(answered(offer, { ...customer, codecs: ['G722', 'PCMU', 'PCMA'] }).peer.codec).toBe('G722');
    expect(answered(offer, { ...customer, codecs: ['PCMA', 'G722', 'PCMU'] }).peer.codec).toBe('PCMA');
  });

  it.each([
    ['Opus at another clock', 'opus/16000/2'],
    ['Opus of one channel, which RFC 7587 does not have', 'opus/48000'],
    ['L16 in two channels', 'L16/16000/2'],
    ['L16 at another rate', 'L16/44100'],
    ['G.722 with the clock that it should have had', 'G722/16000'],
  ])('has nothing for %s', (_, map) => {
    const offer = sdp('m=audio 4000 RTP/AVP 96', `a=rtpmap:96 ${map}`);
    expect(refused(offer, everything).code).toBe('no_common_codec');
  });
});

describe('the answer to our offer', () => {
  it.each<readonly [string, AudioCodec, number | undefined]>([
    ['111 110', 'opus', 110],
    ['9 101', 'G722', 101],
    ['108 109', 'L16/16000', 109],
    ['0 101', 'PCMU', 101],
    ['111', 'opus', undefined],
  ])('%s: %s', (formats, codec, eventPayloadType) => {
    const by = side();
    by.offer(everything);
    const maps = [
      'a=rtpmap:111 opus/48000/2',
      'a=rtpmap:110 telephone-event/48000',
      'a=rtpmap:108 L16/16000',
      'a=rtpmap:109 telephone-event/16000',
      'a=rtpmap:101 telephone-event/8000',
    ].filter((map) => formats.split(' ').includes(map.slice('a=rtpmap:'.length).split(' ')[0] ?? ''));
    const read = by.readAnswer(sdp(`m=audio 4000 RTP/AVP ${formats}`, ...maps));
    expect(read.ok && read.value).toMatchObject({ codec, eventPayloadType });
  });
});
